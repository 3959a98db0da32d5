//! What to draw and where, without a browser: a [`Scene`] is a topology laid out; [`Scene::display`] gives what a view of it
//! shows as primitives with token colours; [`Scene::hit`] goes back from a place to a thing. Layout and its inverse are
//! arithmetic, so both stay cheap with 200,000 pods.

mod arrangement;
mod bundles;
mod derived;
pub mod display;
#[cfg(any(test, feature = "fixture"))]
pub mod fixture;
pub mod geometry;
pub mod grouping;
mod hit;
pub mod keyboard;
mod layout;
pub mod level;
mod members;
pub mod motion;
pub mod overview;
pub mod paint;
pub mod scene;
pub mod svg;
mod things;
pub mod timeline;
pub mod token;
pub mod units;

pub use arrangement::Arrangement;
pub use display::primitive;
pub use display::{DisplayList, DrawnEdge, Layers, Measure, Target, View};
pub use geometry::{Camera, Insets, Point, Rect, Size};
pub use grouping::Grouping;
pub use level::Level;
pub use scene::Scene;
pub use token::{Palette, Token};
