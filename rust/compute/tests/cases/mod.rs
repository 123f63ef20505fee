//! Cases and answers of the programs that tests in Java run: numbers are big-endian, a text is its length (u32) and its
//! bytes.

use std::io::{self, Read, Write};

/// A number.
pub(crate) fn number(input: &mut impl Read) -> io::Result<u32> {
    let mut bytes = [0; 4];
    input.read_exact(&mut bytes)?;
    Ok(u32::from_be_bytes(bytes))
}

/// The bytes of a text.
pub(crate) fn bytes(input: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; number(input)? as usize];
    input.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// A text.
pub(crate) fn text(input: &mut impl Read) -> io::Result<String> {
    String::from_utf8(bytes(input)?).map_err(io::Error::other)
}

/// The first text of a case; None at the end of the input.
pub(crate) fn first(input: &mut impl Read) -> io::Result<Option<String>> {
    match text(input) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        other => other.map(Some),
    }
}

/// So many texts as the number before them says.
pub(crate) fn list(input: &mut impl Read) -> io::Result<Vec<Vec<u8>>> {
    (0..number(input)?).map(|_| bytes(input)).collect()
}

/// Writes a text.
pub(crate) fn put(output: &mut impl Write, text: &[u8]) -> io::Result<()> {
    output.write_all(&(text.len() as u32).to_be_bytes())?;
    output.write_all(text)
}
