//! `venice where`: which servers answer for a key, a partition, or a store version.

use std::fmt::Write;

use crate::client::{Answer, Client, Probe, ServerOptions};
use crate::commands::target::{AskedKey, Target, TargetOptions};
use crate::failure::{Exit, Failure, Outcome};
use crate::output::{count, line, table, Object, Output};

/// The key by which a partition is asked for, where none is given: nobody has it.
const NOBODYS: &[u8] = b"venice where";

/// Find out which servers answer for a key, a partition, or all partitions of a store version
///
/// Each server is asked for a key of each partition, as clients ask; that is a read, also for quotas. What answers is told
/// by the trailer venice-timings, which the read server in Rust has and Venice's Java server has not. The exit code is 1 if
/// a partition is served by none of the servers, 75 or 77 if that could not be told.
#[derive(Debug, clap::Args)]
pub(crate) struct Where {
    #[command(flatten)]
    target: TargetOptions,
    /// The key; without one, partitions are asked for
    #[arg(conflicts_with = "partition", allow_negative_numbers = true)]
    key: Option<String>,
    /// This partition alone; may be given several times
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(0..))]
    partition: Vec<i32>,
    /// Another server's host and port, such as the port of Java's server; may be given several times
    #[arg(long, value_name = "HOST:PORT", help_heading = "Server")]
    other: Vec<String>,
    #[command(flatten)]
    server: ServerOptions,
}

/// What a server says of a partition.
struct Row {
    server: String,
    partition: i32,
    /// An error of the connection, if there is no answer.
    probed: Result<Probe, Failure>,
}

impl Where {
    pub(crate) fn run(self, output: Output) -> Outcome {
        let target = self.target.target()?;
        let key = match &self.key {
            Some(text) => target.keys(&[text])?.pop(),
            None => None,
        };
        let asked = self.asked(&target, key.as_ref())?;
        let mut rows = Vec::new();
        for address in std::iter::once(&self.server.address).chain(&self.other) {
            rows.extend(self.ask(&target, address, &asked));
        }
        match output {
            Output::Json => {
                for row in &rows {
                    line(&row.object(&target, key.as_ref()).end())?;
                }
            }
            Output::Human => line(&text(&target, key.as_ref(), &rows))?,
        }
        verdict(&rows, asked.iter().map(|(partition, _)| *partition))
    }

    /// The keys to ask for, each with its partition.
    fn asked<'k>(
        &self,
        target: &Target,
        key: Option<&'k AskedKey>,
    ) -> Outcome<Vec<(i32, &'k [u8])>> {
        if let Some(key) = key {
            return Ok(vec![(key.partition, &key.bytes[..])]);
        }
        let partitions: Vec<i32> = match &self.partition[..] {
            [] => (0..target.partitions).collect(),
            some => some.to_vec(),
        };
        if let Some(high) = partitions.iter().find(|n| **n >= target.partitions) {
            let text = format!(
                "partition {high} is none of {}, which has {}: 0 to {}",
                target.resource,
                target.partitions,
                target.partitions - 1
            );
            return Err(Failure::new(Exit::Usage, text));
        }
        Ok(partitions.into_iter().map(|n| (n, NOBODYS)).collect())
    }

    /// Asks one server, until its connection breaks.
    fn ask(&self, target: &Target, address: &str, asked: &[(i32, &[u8])]) -> Vec<Row> {
        let row = |partition, probed| Row {
            server: address.to_owned(),
            partition,
            probed,
        };
        let options = ServerOptions {
            address: address.to_owned(),
            ..self.server.clone()
        };
        let client = match Client::connect(&options) {
            Ok(client) => client,
            Err(failure) => {
                let rows = asked.iter().map(|(partition, _)| {
                    let same = Failure::new(failure.exit, &failure);
                    row(*partition, Err(same))
                });
                return rows.collect();
            }
        };
        let rows = asked.iter().map(|(partition, key)| {
            let probed = client.probe(&target.resource, (*partition, key));
            row(*partition, probed)
        });
        rows.collect()
    }
}

impl Row {
    /// Whether the partition is served; none if that was not told.
    fn serves(&self) -> Option<bool> {
        match self.probed.as_ref().ok()?.answer {
            Answer::Found | Answer::Missing => Some(true),
            Answer::Refused(_) => Some(false),
            Answer::Busy(_) | Answer::Denied(_) => None,
        }
    }

    fn by(&self) -> Option<&'static str> {
        let probe = self.probed.as_ref().ok()?;
        Some(if probe.is_rust { "rust" } else { "other" })
    }

    /// What the server says.
    fn says(&self, has_key: bool) -> String {
        match &self.probed {
            Err(failure) => failure.to_string(),
            Ok(probe) => match &probe.answer {
                Answer::Found => "the key is there".to_owned(),
                Answer::Missing if has_key => "it has no such key".to_owned(),
                Answer::Missing => String::new(),
                Answer::Busy(text) | Answer::Denied(text) | Answer::Refused(text) => text.clone(),
            },
        }
    }

    fn object(&self, target: &Target, key: Option<&AskedKey>) -> Object {
        let mut object = Object::new()
            .text("server", &self.server)
            .text("storeVersion", &target.resource)
            .raw("partition", self.partition)
            .maybe("serves", self.serves())
            .maybe("by", self.by().map(crate::output::string));
        if let Some(key) = key {
            let found = self.serves().filter(|serves| *serves).map(|_| {
                let found = self.probed.as_ref();
                found.is_ok_and(|probe| probe.answer == Answer::Found)
            });
            object = object.raw("key", &key.shown).maybe("found", found);
        }
        let time = self.probed.as_ref().ok().map(|probe| probe.time);
        let millis = time.map(|time| format!("{:.3}", time.as_secs_f64() * 1000.0));
        object
            .maybe("milliseconds", millis)
            .text("says", self.says(key.is_some()))
    }
}

/// What the exit code says: 0 if each partition is served by one of the servers.
fn verdict(rows: &[Row], partitions: impl Iterator<Item = i32>) -> Outcome {
    let mut worst: Option<Failure> = None;
    for partition in partitions {
        let mut of_partition = rows.iter().filter(|row| row.partition == partition);
        if of_partition.clone().any(|row| row.serves() == Some(true)) {
            continue;
        }
        if of_partition.clone().any(|row| row.serves() == Some(false)) {
            return Err(Failure::new(Exit::No, "a partition is not served"));
        }
        let unknown = of_partition.find_map(|row| match &row.probed {
            Err(failure) => Some(Failure::new(failure.exit, failure)),
            Ok(probe) => match &probe.answer {
                Answer::Denied(text) => Some(Failure::new(Exit::NoPermission, text)),
                Answer::Busy(text) => Some(Failure::new(Exit::TryLater, text)),
                _ => None,
            },
        });
        worst = worst.or(unknown);
    }
    worst.map_or(Ok(()), Err)
}

fn text(target: &Target, key: Option<&AskedKey>, rows: &[Row]) -> String {
    let all = target.partitions;
    let mut out = match key {
        Some(key) => format!(
            "{}, key {}: partition {} of {all}\n\n",
            target.resource, key.shown, key.partition
        ),
        None => format!(
            "{}, {}\n\n",
            target.resource,
            count(all as u64, "partition")
        ),
    };
    let titles = [
        "server",
        "by",
        "serves",
        "does not serve",
        "not told",
        "says",
    ];
    let mut cells = vec![titles.map(str::to_owned).to_vec()];
    let mut rest = rows;
    while let Some(first) = rest.first() {
        let same = rest.iter().take_while(|row| row.server == first.server);
        let (these, behind) = rest.split_at(same.count());
        rest = behind;
        let with = |wanted| {
            let partitions = these.iter().filter(|row| row.serves() == wanted);
            ranges(&partitions.map(|row| row.partition).collect::<Vec<i32>>())
        };
        let by = these.iter().find_map(Row::by);
        let mut says = these.iter().map(|row| row.says(key.is_some()));
        cells.push(vec![
            first.server.clone(),
            by.unwrap_or("-").to_owned(),
            with(Some(true)),
            with(Some(false)),
            with(None),
            says.find(|says| !says.is_empty()).unwrap_or_default(),
        ]);
    }
    let _ = write!(out, "{}", table(&cells));
    out
}

/// Numbers as ranges: 0-3, 8.
fn ranges(numbers: &[i32]) -> String {
    let mut ranges: Vec<(i32, i32)> = Vec::new();
    for &number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => ranges.push((number, number)),
        }
    }
    let shown = ranges.iter().map(|(first, last)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    });
    match ranges.is_empty() {
        true => "-".to_owned(),
        false => shown.collect::<Vec<String>>().join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_as_ranges() {
        assert_eq!(ranges(&[]), "-");
        assert_eq!(ranges(&[5]), "5");
        assert_eq!(ranges(&[0, 1, 2, 5, 7, 8]), "0-2, 5, 7-8");
    }

    #[test]
    fn the_exit_code_says_whether_all_are_served() {
        let row = |partition, answer: Option<Answer>| Row {
            server: "a".to_owned(),
            partition,
            probed: match answer {
                None => Err(Failure::new(Exit::Unavailable, "away")),
                Some(answer) => Ok(Probe {
                    answer,
                    is_rust: true,
                    time: std::time::Duration::ZERO,
                }),
            },
        };
        let refused = || Some(Answer::Refused(String::new()));
        let busy = || Some(Answer::Busy(String::new()));
        let exit = |rows: &[Row]| verdict(rows, 0..2).err().map(|failure| failure.exit);
        let served = [row(0, Some(Answer::Found)), row(1, Some(Answer::Missing))];
        assert_eq!(exit(&served), None);
        // One of two servers is enough.
        let one = [
            row(0, refused()),
            row(1, None),
            row(0, Some(Answer::Missing)),
            row(1, Some(Answer::Missing)),
        ];
        assert_eq!(exit(&one), None);
        assert_eq!(exit(&[row(0, None), row(1, None)]), Some(Exit::Unavailable));
        assert_eq!(
            exit(&[row(0, Some(Answer::Found)), row(1, busy())]),
            Some(Exit::TryLater)
        );
        assert_eq!(exit(&[row(0, busy()), row(1, refused())]), Some(Exit::No));
    }
}
