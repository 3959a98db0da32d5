//! Charts: data to SVG text through plotters, for the inspector and the charts view. Marks and mesh only: captions, titles and tick labels are the
//! page's text, whose places are returned as data, because measuring text needs style attributes, which the page's policy forbids.

mod numbers;
mod token_classes;
mod traffic;

pub use numbers::{amount, numbers, token_of};
pub use token_classes::TOKEN_NAMES;
pub use traffic::traffic;

/// A label that the page writes beside or over the chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// From the chart's left, in pixels.
    pub x: f32,
    /// From its top: the text's middle.
    pub y: f32,
    /// What to write.
    pub text: String,
    /// What `x` is of the text.
    pub anchor: Anchor,
}

/// Which end of a label stands at its x.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "plain words")]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// A drawn chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// An `<svg>` element without style attributes; colours are classes: `f-<token>` for fills, `c-<token>` for strokes.
    pub svg: String,
    /// Tick labels: first and last time, most bytes.
    pub labels: Vec<Label>,
    /// What the chart shows, in a sentence, for `aria-label`.
    pub title: String,
}
