//! What comes from outside a scenario file: the contents of the files it names, and what can be
//! wrong with them.
//!
//! The scenario loader reads; the simulator proper never touches the file system.

use std::collections::BTreeMap;

/// The contents of the files a scenario names, keyed by the path as the scenario writes it.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Files(pub BTreeMap<String, String>);

impl Files {
    /// The content of the file a scenario calls `path`; `key` is the key that names it.
    ///
    /// # Errors
    /// If the loader did not read it.
    pub fn get(&self, key: &str, path: &str) -> Result<&str, BuildError> {
        self.0
            .get(path)
            .map(String::as_str)
            .ok_or_else(|| BuildError::config(key, format!("the file `{path}` has not been read")))
    }
}

/// Why a network, an overlay or a churn cannot be built from its configuration.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BuildError {
    /// A key of the scenario cannot be met.
    #[error("{key}: {message}")]
    Config {
        /// The dotted key in the scenario.
        key: String,
        /// What is wrong with it.
        message: String,
    },
    /// A file does not hold what it should.
    #[error("{file}:{line}:{column}: {message}")]
    File {
        /// The path as the scenario writes it.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The column in characters, from 1.
        column: usize,
        /// What is wrong there.
        message: String,
    },
}

impl BuildError {
    /// A problem with the key `key`.
    pub fn config(key: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Config {
            key: key.into(),
            message: message.into(),
        }
    }
}

/// A place in a text, and what is wrong there; becomes a [`BuildError`] with the file's name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TextError {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong there.
    pub message: String,
}

impl TextError {
    /// A problem at this place.
    pub fn new(line: usize, column: usize, message: impl Into<String>) -> Self {
        Self {
            line,
            column,
            message: message.into(),
        }
    }

    /// The same, said of `file`.
    pub fn in_file(self, file: &str) -> BuildError {
        BuildError::File {
            file: file.to_owned(),
            line: self.line,
            column: self.column,
            message: self.message,
        }
    }
}

/// One field of a line: its column in characters, from 1, and its text.
pub type Field<'a> = (usize, &'a str);

/// The fields of one line, separated by commas if it has any and by blanks otherwise. An empty
/// field between two commas is kept, so that a missing value does not shift its row.
pub fn fields(line: &str) -> Vec<Field<'_>> {
    let mut fields = Vec::new();
    let mut column = 1;
    let commas = line.contains(',');
    let separates = |c: char| if commas { c == ',' } else { c.is_whitespace() };
    for part in line.split_inclusive(separates) {
        let text = part.strip_suffix(separates).unwrap_or(part);
        let indent = text.chars().take_while(|c| c.is_whitespace()).count();
        if commas || !text.is_empty() {
            fields.push((column + indent, text.trim()));
        }
        column += part.chars().count();
    }
    if commas && line.trim_end().ends_with(',') {
        fields.push((column, ""));
    }
    fields
}

/// How many fields, in words.
pub fn counted(fields: usize) -> String {
    format!("{fields} field{}", if fields == 1 { "" } else { "s" })
}

/// The lines of a text that hold something: number from 1 and text, without what follows a `#`.
pub fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let numbered = text.lines().enumerate();
    let bare = numbered.map(|(i, line)| (i + 1, line.split('#').next().unwrap_or_default()));
    bare.filter(|(_, line)| !line.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_know_their_columns() {
        assert_eq!(fields("1\t22  3"), [(1, "1"), (3, "22"), (7, "3")]);
        assert_eq!(fields("1, 2,,4"), [(1, "1"), (4, "2"), (6, ""), (7, "4")]);
        assert_eq!(fields("a,b,"), [(1, "a"), (3, "b"), (5, "")]);
        assert_eq!(fields("  "), []);
    }

    #[test]
    fn comments_and_empty_lines_are_skipped() {
        let kept: Vec<_> = lines("# head\n\na b # c\n  \nd\n").collect();
        assert_eq!(kept, [(3, "a b "), (5, "d")]);
    }
}
