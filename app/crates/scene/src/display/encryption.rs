//! Whether traffic was encrypted on the way, on demand: told by the form of a line first (two strands, one, dashes, dots), by its
//! colour second. Edges that carry nothing, such as denied ones, stay as they are.

use super::compose::Frame;
use super::edges::Ink;
use super::primitive::{Paint, Primitive, Step};
use crate::bundles::{Bundle, End};
use crate::scene::Scene;
use crate::token::Token;
use underlay_model::view::{Edge, EdgeKind};

/// What the flow log says of the encryption of an edge's pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// Every pair was encrypted: two strands.
    Encrypted,
    /// Some were, some were not: two strands, one of them broken.
    Partly,
    /// None was: one strand.
    Clear,
    /// No log says: dots.
    Unknown,
}

impl Encryption {
    /// Every state, in the order of the legend.
    pub const ALL: [Self; 4] = [Self::Encrypted, Self::Partly, Self::Clear, Self::Unknown];

    /// Of pairs that were encrypted, and pairs that were not.
    pub fn of(pairs: [u32; 2]) -> Self {
        match pairs {
            [0, 0] => Self::Unknown,
            [0, _] => Self::Clear,
            [_, 0] => Self::Encrypted,
            _ => Self::Partly,
        }
    }

    /// What the legend calls it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Encrypted => "encrypted",
            Self::Partly => "partly",
            Self::Clear => "not encrypted",
            Self::Unknown => "not told",
        }
    }
}

/// Whether an edge of this kind carries what could be encrypted.
pub fn carries(kind: EdgeKind) -> bool {
    !matches!(kind, EdgeKind::Denied | EdgeKind::Absent | EdgeKind::Inferred)
}

/// Edges of shown kinds by their encryption, in the order of [`Encryption::ALL`]; also those of a state that is not drawn.
pub fn counts(scene: &Scene) -> [u64; 4] {
    let mut counts = [0; 4];
    for edge in scene.edges_in_picture().filter(|edge| scene.layers().shows(edge.kind) && carries(edge.kind)) {
        counts[Encryption::of(edge.encryption) as usize] += 1;
    }
    counts
}

/// Whether an edge's state is among those that are not drawn, bits in the order of [`Encryption::ALL`].
pub(crate) fn is_off(edge: &Edge, off: u8) -> bool {
    off != 0 && carries(edge.kind) && off & (1 << Encryption::of(edge.encryption) as u8) != 0
}

/// Pairs behind a line that stands for so many edges, the largest of them this one.
fn pairs_of(frame: &Frame<'_>, edge: &Edge, index: u32, members: u32) -> [u32; 2] {
    let bundle = (members > 1).then(|| frame.scene.bundles.iter().find(|bundle| bundle.largest == index)).flatten();
    bundle.map_or(edge.encryption, |bundle| bundle.encryption)
}

/// How an edge's line looks while encryption is asked for.
pub(super) fn state(frame: &Frame<'_>, index: u32, members: u32) -> Option<Encryption> {
    let edge = frame.scene.topology.edges.get(index as usize)?;
    (frame.view.encryption && carries(edge.kind)).then(|| Encryption::of(pairs_of(frame, edge, index, members)))
}

/// The same of the branch to a block of nodes.
pub(super) fn of_block(frame: &Frame<'_>, bundles: &[&Bundle], block: u16) -> Option<Encryption> {
    let of_it = bundles.iter().filter(|bundle| bundle.target == End::Block(block) && carries(bundle.kind));
    let sum =
        of_it.fold([0u32; 2], |sum, bundle| [0, 1].map(|at: usize| sum[at].saturating_add(bundle.encryption[at])));
    frame.view.encryption.then(|| Encryption::of(sum))
}

/// The ink of a line in this state.
pub(super) fn ink(state: Option<Encryption>, ink: Ink) -> Ink {
    let Some(state) = state else { return ink };
    let (colour, least, dash) = match state {
        Encryption::Encrypted => (Token::Healthy, 4.5, None),
        Encryption::Partly => (Token::DegradedLine, 4.5, None),
        Encryption::Clear => (Token::Fg3, 1.4, None),
        Encryption::Unknown => (Token::Ghost, 1.4, Some([1.5, 4.0])),
    };
    Ink { colour, width: ink.width.max(least), dash, opacity: 1.0, ..ink }
}

/// Parts the line into two strands.
pub(super) fn core(state: Option<Encryption>, steps: &[Step], width: f32, out: &mut Vec<Primitive>) {
    let dash = match state {
        Some(Encryption::Encrypted) => None,
        Some(Encryption::Partly) => Some([6.0, 4.0]),
        _ => return,
    };
    let paint = Paint { dash, ..Paint::stroke(Token::Sheet, (width * 0.45).max(1.2)) };
    out.push(Primitive::Path { steps: steps.to_vec(), paint });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Insets;
    use crate::{Arrangement, Layers, View};

    /// How many lines are in a picture of everything.
    fn lines(scene: &Scene) -> usize {
        let view = View::default();
        scene.display(&View { camera: scene.fit(view.viewport, Insets::default()), ..view }).edges.len()
    }

    #[test]
    fn a_pair_that_was_both_makes_an_edge_partly_encrypted() {
        assert_eq!(Encryption::of([0, 0]), Encryption::Unknown);
        assert_eq!(Encryption::of([2, 0]), Encryption::Encrypted);
        assert_eq!(Encryption::of([0, 5]), Encryption::Clear);
        assert_eq!(Encryption::of([1, 1]), Encryption::Partly);
    }

    #[test]
    fn a_state_that_is_off_takes_its_edges_out_of_the_picture_and_moves_nothing() {
        for topology in [crate::fixture::lab(), crate::fixture::cluster_120()] {
            let mut scene = Scene::new(topology, Layers::default());
            let (all, place, told) = (lines(&scene), scene.place(3), counts(&scene));
            let most = (0..4).max_by_key(|&state| told[state]).unwrap_or_default();
            assert!(told[most] > 0);
            scene.arrange(Arrangement { encryption_off: 1 << most, ..scene.arrangement().clone() });
            assert!(lines(&scene) < all);
            assert_eq!((scene.place(3), counts(&scene)), (place, told));
        }
    }
}
