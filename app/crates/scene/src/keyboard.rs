//! Walking the graph without a mouse, and saying what is there: neighbours for the arrow keys, and the tree that assistive
//! technology reads, in words.

use crate::display::Target;
use crate::scene::Scene;

/// An arrow key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrow {
    /// Upstream: who sends to it, else its container.
    Left,
    /// Downstream: where it sends to, else its first member.
    Right,
    /// The sibling before.
    Up,
    /// The sibling after.
    Down,
}

/// Where an arrow leads from here; `None` when there is nothing that way. From nothing, the first thing.
pub fn step(scene: &Scene, from: Option<Target>, arrow: Arrow) -> Option<Target> {
    let _ = (scene, from, arrow);
    todo!()
}

/// An item of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeItem {
    /// What it stands for.
    pub target: Target,
    /// What is said: `Pod 2tnc8, healthy, 41.8 MB`, `Sends 41.8 MB to 2tnc8, 612 flows`.
    pub words: String,
    /// Whether it has items below.
    pub has_children: bool,
}

/// Items below a thing: its members in drawing order, then its outgoing edges, largest first. Below nothing: the top level.
pub fn tree_children(scene: &Scene, of: Option<u32>) -> Vec<TreeItem> {
    let _ = (scene, of);
    todo!()
}

/// What is said when a thing or edge gets selected.
pub fn words(scene: &Scene, target: Target) -> String {
    let _ = (scene, target);
    todo!()
}
