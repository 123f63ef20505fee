//! Lines of a bounded width.

/// Breaks a text between words; each line begins with `start` and has at most `width` characters.
pub(crate) fn wrapped(text: &str, start: &str, width: usize) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is a line");
        let room = start.chars().count() + line.chars().count() + 1 + word.chars().count();
        if line.is_empty() {
            line.push_str(word);
        } else if room <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    let lines: Vec<String> = lines
        .iter()
        .map(|line| format!("{start}{line}\n"))
        .collect();
    lines.concat()
}
