//! What both readers of XML need: places of elements as lines and columns.

use super::At;
use crate::input::TextError;
use roxmltree::{Document, Error, Node};

/// A parsed text that knows the line and the column of its elements.
pub(in crate::network) struct Xml<'a> {
    pub(in crate::network) document: Document<'a>,
    text: &'a str,
    /// Where each line begins.
    lines: Vec<usize>,
}

impl<'a> Xml<'a> {
    /// The document of a text.
    pub(in crate::network) fn parse(text: &'a str) -> Result<Self, TextError> {
        let document = Document::parse(text).map_err(|error| {
            let place = error.pos();
            // The library's message has the place in it, which is said already.
            let said = error.to_string().replace(&format!(" at {place}"), "");
            let message = match error {
                Error::DtdDetected => "a document type declaration; leave it out".to_owned(),
                _ => format!("not XML: {said}"),
            };
            TextError::new(place.row as usize, place.col as usize, message)
        })?;
        let ends = text.match_indices('\n').map(|(end, _)| end + 1);
        Ok(Self {
            document,
            text,
            lines: std::iter::once(0).chain(ends).collect(),
        })
    }

    /// Where an element or a text begins.
    pub(in crate::network) fn at(&self, node: Node<'_, '_>) -> At {
        let byte = node.range().start;
        let line = self.lines.partition_point(|&start| start <= byte);
        let start = self.lines[line - 1];
        let column = self.text[start..byte].chars().count() + 1;
        At { line, column }
    }
}
