//! Charts: data to SVG text through plotters, for the inspector and the charts view. Marks and mesh only: captions, titles and tick labels are the
//! page's text, whose places are returned as data, because measuring text needs style attributes, which the page's policy forbids.

mod amount;
mod labels;
mod lines;
mod numbers;
mod series;
mod token_classes;

pub use amount::{amount, amount_of};
pub use numbers::{numbers, token_of};
pub use series::traffic;
pub use token_classes::TOKEN_NAMES;

/// A label that the page writes beside the chart.
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
    /// Times below the plot, amounts at its right: none of them lies over a line.
    pub labels: Vec<Label>,
    /// Width of the plot in CSS pixels: from the chart's left, the span of its data lies on so many.
    pub plot: f32,
    /// What the chart shows, in a sentence, for `aria-label`.
    pub title: String,
}
