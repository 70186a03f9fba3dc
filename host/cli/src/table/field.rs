//! Fields of a CSV line.

/// Returns the delimiter, as byte and word, that splits a field into numbers.
pub(super) fn delimiter_within(field: &[u8]) -> Option<(u8, &'static str)> {
    let splits = |&(byte, _): &(u8, &str)| {
        let mut parts = field.split(|&b| b == byte).map(<[u8]>::trim_ascii);
        field.contains(&byte) && parts.all(|part| part.is_empty() || number::<f64>(part).is_some())
    };
    [(b';', "';'"), (b'\t', "tab"), (b'|', "'|'"), (b' ', "' '"), (b',', "','")].into_iter().find(splits)
}

/// Parses the number in a field.
pub(super) fn number<T: std::str::FromStr>(field: &[u8]) -> Option<T> {
    number_of(field, |field| field.parse().ok())
}

/// Parses the number in a field with `parse`, if the field is text.
pub(super) fn number_of<T>(field: &[u8], parse: impl Fn(&str) -> Option<T>) -> Option<T> {
    str::from_utf8(field).ok().and_then(parse)
}
