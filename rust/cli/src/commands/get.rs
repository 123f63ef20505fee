//! `venice get`: one value.

use crate::client::{Client, ServerOptions};
use crate::commands::target::{object, TargetOptions};
use crate::failure::{Exit, Failure, Outcome};
use crate::output::Output;

/// Get the value of a key from a server
///
/// A key is a text, a number, or the JSON of a record, as its schema says. The value is printed as JSON if its schema is
/// known, else in hexadecimal. A key that is not there is the exit code 1.
#[derive(Debug, clap::Args)]
pub(crate) struct Get {
    #[command(flatten)]
    target: TargetOptions,
    /// The key
    #[arg(allow_negative_numbers = true)]
    key: String,
    #[command(flatten)]
    server: ServerOptions,
}

impl Get {
    pub(crate) fn run(self, output: Output) -> Outcome {
        let target = self.target.target()?;
        let keys = target.keys(&[self.key])?;
        let [key] = &keys[..] else {
            return Ok(());
        };
        let client = Client::connect(&self.server)?;
        let found = client.get(&target.resource, (key.partition, &key.bytes))?;
        let mut values = target.values(found.compression)?;
        let value = found.values.map(|value| values.show(&value)).transpose()?;
        let object = object(key, value.as_ref())
            .text("storeVersion", &target.resource)
            .text("compression", found.compression.name());
        output.say(object, || match &value {
            None => format!("{} has no key {}", target.resource, key.shown),
            Some(value) => pretty(&value.json),
        })?;
        match value {
            Some(_) => Ok(()),
            None => Err(Failure::new(Exit::No, "the key is not there")),
        }
    }
}

/// JSON over several lines, in its own order, with lists of numbers in one.
pub(crate) fn pretty(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let mut depth = 0;
    let mut in_string = false;
    let mut escaped = false;
    let mut lists = Vec::new();
    for (at, byte) in json.char_indices() {
        if in_string {
            out.push(byte);
            in_string = escaped || byte != '"';
            escaped = byte == '\\' && !escaped;
            continue;
        }
        // A list without objects and lists stays on its line.
        let flat = lists.last().copied().unwrap_or(false);
        let line = |out: &mut String, depth: usize| {
            out.push('\n');
            out.extend(std::iter::repeat_n("  ", depth));
        };
        match byte {
            '"' => {
                in_string = true;
                out.push(byte);
            }
            '{' | '[' => {
                out.push(byte);
                let inner = &json[at + 1..];
                let end = inner
                    .find([']', '[', '{', '}'])
                    .map(|end| inner.as_bytes()[end]);
                let flat = inner.starts_with(['}', ']']) || (byte == '[' && end == Some(b']'));
                lists.push(flat);
                depth += 1;
                if !flat {
                    line(&mut out, depth);
                }
            }
            '}' | ']' => {
                lists.pop();
                depth = usize::saturating_sub(depth, 1);
                if !flat {
                    line(&mut out, depth);
                }
                out.push(byte);
            }
            ',' if flat => out.push_str(", "),
            ',' => {
                out.push(byte);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            _ => out.push(byte),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_over_several_lines() {
        let json = r#"{"a":"x,\"{","b":[1,2],"c":[],"d":{"e":{}},"f":[[1],{"g":null}]}"#;
        let pretty = pretty(json);
        let expected = r#"{
  "a": "x,\"{",
  "b": [1, 2],
  "c": [],
  "d": {
    "e": {}
  },
  "f": [
    [1],
    {
      "g": null
    }
  ]
}"#;
        assert_eq!(pretty, expected);
        let same = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(same(&pretty), same(json));
    }
}
