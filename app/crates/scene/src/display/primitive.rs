//! What a display list is made of. Coordinates and sizes are CSS pixels of the screen, already seen through the camera; colours
//! are tokens. A painter needs no knowledge of topologies to draw these.

use crate::geometry::{Point, Rect};
use crate::token::Token;

/// How a rectangle or path is painted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paint {
    /// Inside, if painted.
    pub fill: Option<Token>,
    /// Outline, if painted.
    pub stroke: Option<Token>,
    /// Width of the outline in pixels.
    pub width: f32,
    /// Lengths of dash and gap; `None` is a solid line. Gaps with a dash of 0 are round dots of the line's width.
    pub dash: Option<[f32; 2]>,
    /// 0 to 1, over fill and stroke.
    pub opacity: f32,
}

impl Paint {
    /// Nothing yet: combine with the other constructors.
    pub const NONE: Self = Self { fill: None, stroke: None, width: 1.0, dash: None, opacity: 1.0 };

    /// A filled area.
    pub const fn fill(token: Token) -> Self {
        Self { fill: Some(token), ..Self::NONE }
    }

    /// A line.
    pub const fn stroke(token: Token, width: f32) -> Self {
        Self { stroke: Some(token), width, ..Self::NONE }
    }

    /// A box: filled, with a hairline around it.
    pub const fn panel(fill: Token, stroke: Token) -> Self {
        Self { fill: Some(fill), stroke: Some(stroke), ..Self::NONE }
    }

    /// The same, dashed.
    #[must_use]
    pub const fn dashed(mut self, dash: f32, gap: f32) -> Self {
        self.dash = Some([dash, gap]);
        self
    }

    /// The same, fainter.
    #[must_use]
    pub const fn faint(mut self, opacity: f32) -> Self {
        self.opacity = opacity;
        self
    }
}

/// A step of a path.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs, reason = "as in SVG and Canvas2D")]
pub enum Step {
    Move(Point),
    Line(Point),
    /// Control point, end.
    Quadratic(Point, Point),
    /// Two control points, end.
    Cubic(Point, Point, Point),
    Close,
}

/// A mark with a meaning (design, section 3), drawn in a square.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are the design's")]
pub enum Mark {
    /// Disc with a tick.
    Healthy,
    /// Triangle with an exclamation mark.
    Degraded,
    /// Diamond with an exclamation mark.
    Failing,
    /// Dashed ring.
    Unknown,
    /// Ring with a cross.
    Denied,
    /// Square with an i.
    Notice,
}

/// Which end of a text stands at its x.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "as in SVG")]
pub enum Anchor {
    #[default]
    Start,
    Middle,
    End,
}

/// A line of text. Already shortened to its room: hosts need not measure.
#[derive(Clone, Debug, PartialEq)]
pub struct TextRun {
    /// What is written.
    pub text: String,
    /// Where it starts, ends or is centred.
    pub x: f32,
    /// Baseline.
    pub y: f32,
    /// Font size in pixels.
    pub size: f32,
    /// 400, 500 or 600.
    pub weight: u16,
    /// Monospaced: addresses, names of nodes.
    pub mono: bool,
    /// Colour.
    pub colour: Token,
    /// 0 to 1.
    pub opacity: f32,
    /// What `x` means.
    pub anchor: Anchor,
    /// Pixels that it may take; a host may squeeze what its font makes wider.
    pub room: f32,
}

/// One thing to paint.
#[derive(Clone, Debug, PartialEq)]
pub enum Primitive {
    /// A rectangle with rounded corners.
    #[allow(missing_docs, reason = "plain words")]
    Rect { rect: Rect, radius: f32, paint: Paint },
    /// A line or an area.
    #[allow(missing_docs, reason = "plain words")]
    Path { steps: Vec<Step>, paint: Paint },
    /// A mark, in the square whose left top is `at`. `knockout` is the colour of the surface below (inner lines).
    #[allow(missing_docs, reason = "plain words")]
    Glyph { mark: Mark, at: Point, size: f32, knockout: Token, opacity: f32 },
    /// A line of text.
    Text(TextRun),
    /// The overlay's grid of dots: one of diameter `dot` in the middle of each square of `pitch` from the left top.
    #[allow(missing_docs, reason = "plain words")]
    Dots { rect: Rect, pitch: f32, dot: f32, colour: Token },
    /// Diagonal hatching: a span without data.
    #[allow(missing_docs, reason = "plain words")]
    Hatch { rect: Rect, pitch: f32, colour: Token },
    /// One tick a minute, bottom aligned, height by value (0 is a dot), at most one tick a pixel pair.
    #[allow(missing_docs, reason = "plain words")]
    Pulse { rect: Rect, values: Vec<u8>, colour: Token, opacity: f32 },
}

/// State of one pod cell as the raster painter sees it.
pub mod cell {
    use underlay_model::health::HealthState;

    /// Bits 0–1: state in the order unknown, healthy, degraded, failing.
    pub const STATE: u8 = 0b11;
    /// Selected, or of the selected group: bright.
    pub const BRIGHT: u8 = 0b100;
    /// Of a state that is not looked for: left out.
    pub const MUTED: u8 = 0b1000;
    /// The cell of a state.
    pub fn of(state: HealthState) -> u8 {
        state as u8
    }
}

/// Pod cells of one node: a grid in row-major order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CellRun {
    /// Left top of the first cell on the screen.
    pub at: Point,
    /// Cells a row; at least 1.
    pub columns: u16,
    /// Distance of two cells in pixels.
    pub pitch: f32,
    /// Edge of a cell in pixels.
    pub side: f32,
    /// First of its cells in [`CellField::states`].
    pub first: u32,
    /// How many.
    pub count: u32,
}

/// A node block below the cells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Block {
    /// Place on the screen.
    pub rect: Rect,
    /// Inside.
    pub fill: Token,
    /// Hairline, left out when the block is under 6 px.
    pub stroke: Option<Token>,
    /// Length of the load bar at the top, 0 to 1 of the width; 0 is none.
    pub load: f32,
    /// State to mark in the right upper corner when it is degraded or failing.
    pub worst: underlay_model::health::HealthState,
    /// Something inside was denied traffic from inside the estate: a cross in the left lower corner.
    pub denied: bool,
}

/// The mass of nodes and pods, for the raster painter: blocks first, then cells.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CellField {
    /// Visible node blocks.
    pub blocks: Vec<Block>,
    /// Visible runs of cells.
    pub runs: Vec<CellRun>,
    /// One [`cell`] byte a pod; shared by all frames of one topology.
    pub states: std::sync::Arc<Vec<u8>>,
    /// Something is selected: healthy cells that it does not light are faint.
    pub dims: bool,
}

impl CellField {
    /// Nothing to rasterise.
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty() && self.runs.is_empty()
    }

    /// Colour and opacity of a healthy cell.
    pub fn healthy(&self, lit: bool) -> (Token, f32) {
        match (lit, self.dims) {
            (true, _) => (Token::Healthy, 1.0),
            (false, true) => (Token::HealthyQuiet, 0.45),
            (false, false) => (Token::HealthyQuiet, 1.0),
        }
    }

    /// The cells of a run.
    pub fn states_of(&self, run: &CellRun) -> &[u8] {
        self.states.get(run.first as usize..(run.first + run.count) as usize).unwrap_or_default()
    }
}
