//! What is wrong with a scenario, where, and what would be right: rendered the way rustc does.

use annotate_snippets::{
    AnnotationKind, Level, Origin, Renderer, Snippet, normalize_untrusted_str,
};
use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

/// Which text a place is in: the file is number 0, the `--set` arguments follow in order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct SourceId(pub usize);

impl SourceId {
    /// The scenario file itself.
    pub const FILE: Self = Self(0);
}

/// A range of bytes in one of the texts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place {
    /// The text.
    pub source: SourceId,
    /// Its first byte.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
}

impl Place {
    /// The bytes `range` of `source`.
    pub fn new(source: SourceId, range: Range<usize>) -> Self {
        let (start, end) = (range.start, range.end);
        Self { source, start, end }
    }

    /// The start of `source`: the place of a whole file.
    pub fn whole(source: SourceId) -> Self {
        Self::new(source, 0..0)
    }
}

/// One thing that is wrong.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Problem {
    /// Where; `None` (or an empty range) for what concerns a file as a whole.
    pub place: Option<Place>,
    /// The headline, after `error:`.
    pub title: String,
    /// What stands beside the caret.
    pub label: String,
    /// What would be right.
    pub help: Option<String>,
}

impl Problem {
    /// A problem at a place, without help yet.
    pub fn at(place: Place, title: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            place: Some(place),
            title: title.into(),
            label: label.into(),
            help: None,
        }
    }

    /// The same with a line of help.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Problems found so far: in the order of their places, each once however often it is found.
pub(super) type Found = BTreeSet<Problem>;

/// A text that places point into.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Source {
    /// The path of a file, or `--set`.
    pub label: String,
    /// All of it.
    pub text: String,
}

/// Everything that is wrong with a scenario, with the texts it is wrong in.
///
/// [`fmt::Display`] renders it without colour.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problems {
    sources: Vec<Source>,
    found: Vec<Problem>,
}

/// More problems than this are counted, not shown.
const SHOWN: usize = 100;
/// Longer lines than this are cut around the caret.
const WIDTH: usize = 140;

impl Problems {
    /// `found` in `sources`, of which the first is the file.
    pub fn new(sources: Vec<Source>, found: Found) -> Self {
        let found = found.into_iter().collect();
        Self { sources, found }
    }

    /// The problems, in the order of their places.
    pub fn list(&self) -> &[Problem] {
        &self.found
    }

    /// How many there are; never zero in what [`crate::scenario::load`] returns.
    pub fn count(&self) -> usize {
        self.found.len()
    }

    /// All of them as text, in rustc's look; with terminal colours if `color`.
    pub fn render(&self, color: bool) -> String {
        let renderer = if color {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        let renderer = renderer.term_width(WIDTH);
        let mut text = String::new();
        for problem in self.found.iter().take(SHOWN) {
            text.push_str(&self.render_one(problem, &renderer));
            text.push_str("\n\n");
        }
        if self.found.len() > SHOWN {
            let more = format!("... and {} more\n\n", self.found.len() - SHOWN);
            text.push_str(&more);
        }
        let label = self.sources.first().map_or("", |source| &source.label);
        let last = match self.found.len() {
            1 => format!("1 problem in {label}"),
            count => format!("{count} problems in {label}"),
        };
        let last = normalize_untrusted_str(&last);
        let report = [Level::ERROR
            .primary_title(last)
            .elements(None::<Origin<'_>>)];
        text.push_str(&renderer.render(&report));
        text.push('\n');
        text
    }

    fn render_one(&self, problem: &Problem, renderer: &Renderer) -> String {
        let title = Level::ERROR.primary_title(normalize_untrusted_str(&problem.title));
        let source = problem.place.map_or(0, |place| place.source.0);
        let source = self.sources.get(source).or(self.sources.first());
        let mut group = match (source, problem.place) {
            (Some(source), Some(place)) if place.start < place.end => {
                let label = normalize_untrusted_str(&problem.label);
                title.element(
                    Snippet::source(source.text.as_str())
                        .path(source.label.as_str())
                        .annotation(
                            AnnotationKind::Primary
                                .span(on_one_line(&source.text, place))
                                .label(label),
                        ),
                )
            }
            (Some(source), _) => title.element(Origin::path(source.label.as_str())),
            (None, _) => title.elements(None::<Origin<'_>>),
        };
        if let Some(help) = &problem.help {
            group = group.element(Level::HELP.message(normalize_untrusted_str(help)));
        }
        let text = renderer.render(&[group]);
        if problem.place.is_some_and(|place| place.start < place.end) {
            text
        } else {
            // Without a line of source the arrow would stand at the margin.
            text.replace('\n', "\n ")
        }
    }
}

/// The part of a place on its first line, moved to whole characters.
fn on_one_line(text: &str, place: Place) -> Range<usize> {
    let floor = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let (start, end) = (floor(place.start), floor(place.end));
    let line = text[start..end].find(['\n', '\r']).unwrap_or(end - start);
    start..start + line
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Problems {}
