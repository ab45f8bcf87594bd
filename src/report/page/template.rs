//! Templates, in the language of Jinja2 as `minijinja` has it.

use super::Page;
use crate::scenario::{Problems, in_file};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, Error, UndefinedBehavior};

/// The template of `report.html`.
pub const BUILT_IN: &str = include_str!("page.html");
/// Its style sheet.
pub(super) const STYLE: &str = include_str!("page.css");
/// Its script.
pub(super) const SCRIPT: &str = include_str!("page.js");

/// What makes a file of a page. A name that ends in `.html`, `.htm` or `.xml` has everything escaped
/// that is not marked `safe`; any other (`report.md`) has it as it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Template {
    name: String,
    text: String,
}

impl Template {
    /// A template from a file of this name.
    ///
    /// # Errors
    /// If its syntax is wrong: with the line.
    pub fn new(name: &str, text: &str) -> Result<Self, Problems> {
        let template = Self {
            name: name.to_owned(),
            text: text.to_owned(),
        };
        match environment().template_from_named_str(name, text) {
            Ok(_) => Ok(template),
            Err(error) => Err(template.problems(&error)),
        }
    }

    /// The template of `report.html`.
    pub fn built_in() -> Self {
        Self {
            name: "report.html".to_owned(),
            text: BUILT_IN.to_owned(),
        }
    }

    /// The file. Characters that neither HTML nor XML has a place for become U+FFFD.
    ///
    /// # Errors
    /// If the template asks for what a page does not have: with the line.
    pub fn render(&self, page: &Page) -> Result<String, Problems> {
        let environment = environment();
        let template = environment.template_from_named_str(&self.name, &self.text);
        let text = template.and_then(|template| template.render(Serde(page)));
        let text = text.map_err(|error| self.problems(&error))?;
        let is_fit = |c: char| {
            matches!(c, '\n' | '\t') || !(c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'))
        };
        Ok(text
            .chars()
            .map(|c| if is_fit(c) { c } else { '\u{fffd}' })
            .collect())
    }

    fn problems(&self, error: &Error) -> Problems {
        let line = error.line().unwrap_or(1);
        // Where in the line, if that is known.
        let start = error.range().map_or(0, |range| range.start);
        let before = self.text.get(..start).unwrap_or_default();
        let column = match before.rsplit_once('\n') {
            _ if before.matches('\n').count() + 1 != line => 1,
            Some((_, row)) => row.chars().count() + 1,
            None => before.chars().count() + 1,
        };
        let kind = error.kind();
        let message = match error.detail() {
            Some(detail) => format!("{kind}: {detail}"),
            None => kind.to_string(),
        };
        in_file(&self.name, &self.text, line, column, &message)
    }
}

fn environment() -> Environment<'static> {
    // Tags on lines of their own leave no lines behind.
    let mut syntax = SyntaxConfig::builder();
    syntax.trim_blocks(true).lstrip_blocks(true);
    let syntax = syntax.keep_trailing_newline(true).build();
    let mut environment = Environment::new();
    environment.set_syntax(syntax.expect("the delimiters are those of Jinja"));
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment
}
