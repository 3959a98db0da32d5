//! Where one is in a picture larger than the window: the minimap, the containers around the middle, and how many pods of each state
//! there are.

use crate::display::View;
use crate::display::primitive::{Mark, Paint, Primitive};
use crate::geometry::{Camera, Insets, Point, Rect, Size};
use crate::scene::Scene;
use crate::token::Token;
use underlay_model::health::HealthState;
use underlay_model::order::Order;
use underlay_model::view::EntityKind;

/// Nodes from which on the minimap is there even when everything is in view.
const MINIMAP_FROM: usize = 40;
/// Marks of exceptions on a minimap.
const MARKS: usize = 60;

/// A small picture of everything, and the way back from a place on it. The same for every camera but for its frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Minimap {
    /// What to paint below the frame.
    pub primitives: Vec<Primitive>,
    camera: Camera,
    bounds: Rect,
    size: Size,
    /// There is so much that the minimap helps even when everything is in view.
    many: bool,
}

impl Minimap {
    /// The world under a place of the minimap.
    pub fn to_world(&self, at: Point) -> Point {
        self.camera.to_world(at)
    }

    /// The frame around what this view shows; nothing when the minimap would say nothing that the picture does not.
    pub fn frame(&self, view: &View) -> Option<Primitive> {
        let corner = view.camera.to_world(Point::default());
        let scale = view.camera.scale;
        let seen = Rect::new(corner.x, corner.y, view.viewport.width / scale, view.viewport.height / scale);
        if !self.many && seen.grown(12.0 / scale).encloses(&self.bounds) {
            return None;
        }
        let frame = self.camera.rect(&seen);
        let inside = Rect::new(1.0, 1.0, self.size.width - 2.0, self.size.height - 2.0);
        let x = frame.x.clamp(inside.x, inside.right() - 6.0);
        let y = frame.y.clamp(inside.y, inside.bottom() - 6.0);
        let shown = Rect::new(
            x,
            y,
            (frame.right().min(inside.right()) - x).max(6.0),
            (frame.bottom().min(inside.bottom()) - y).max(6.0),
        );
        Some(Primitive::Rect { rect: shown, radius: 2.0, paint: Paint::stroke(Token::Accent, 2.0) })
    }
}

impl Scene {
    /// The minimap in a window of this size.
    pub fn minimap(&self, size: Size) -> Minimap {
        let bounds = self.bounds();
        let nodes = self.things.of_kind(|kind| kind == EntityKind::Node).count();
        let insets = Insets { top: 5.0, right: 5.0, bottom: 5.0, left: 5.0 };
        let camera = Camera::fit(&bounds, size, insets, 1.0);
        let mut map = Minimap { primitives: Vec::new(), camera, bounds, size, many: nodes >= MINIMAP_FROM };
        let mut area = |rect: &Rect, fill: Token| {
            map.primitives.push(Primitive::Rect { rect: camera.rect(rect), radius: 0.0, paint: Paint::fill(fill) });
        };
        for &thing in &self.containers {
            let kind = self.things.kind(thing);
            if !self.is_dense() || matches!(kind, EntityKind::GatewaySubnet | EntityKind::Subnet) {
                area(&self.layout.places[thing as usize], if self.is_dense() { Token::Line2 } else { Token::Raised });
            }
        }
        for &thing in &self.boxes {
            area(&self.layout.places[thing as usize], Token::Line2);
        }
        for (home, _) in &self.layout.open {
            area(&self.layout.places[*home as usize], Token::Line2);
        }
        if let Some(dense) = &self.layout.dense {
            dense.blocks.iter().for_each(|block| area(&block.rect, Token::Line2));
            dense.wells.iter().for_each(|&well| area(&self.layout.places[well as usize], Token::Line2));
        }
        self.mark_worst(&mut map);
        map
    }

    /// Marks of failing, then of degraded homes of pods, no two on one place.
    fn mark_worst(&self, map: &mut Minimap) {
        let homes = (0..self.things.len() as u32).filter(|&thing| !self.members.pods.of(thing).is_empty());
        let mut worst: Vec<(HealthState, u32)> = homes
            .map(|home| (self.members.worst[home as usize], home))
            .filter(|(state, _)| matches!(state, HealthState::Degraded | HealthState::Failing))
            .collect();
        worst.order_by_key(|&(state, home)| (std::cmp::Reverse(state), home));
        let mut taken: Vec<Point> = Vec::new();
        for (state, home) in worst {
            let Some(place) = self.place(home) else { continue };
            let at = map.camera.to_screen(place.centre());
            if taken.len() >= MARKS || taken.iter().any(|other| (other.x - at.x).abs() + (other.y - at.y).abs() < 6.0) {
                continue;
            }
            taken.push(at);
            let mark = if state == HealthState::Failing { Mark::Failing } else { Mark::Degraded };
            let corner = Point::new(at.x - 4.0, at.y - 4.0);
            map.primitives.push(Primitive::Glyph { mark, at: corner, size: 8.0, knockout: Token::Line2, opacity: 1.0 });
        }
    }

    /// The containers that the middle of the window stands in, outermost first: where one is.
    pub fn crumbs(&self, view: &View) -> Vec<u32> {
        let middle = Point::new(
            (view.insets.left + view.viewport.width - view.insets.right) / 2.0,
            (view.insets.top + view.viewport.height - view.insets.bottom) / 2.0,
        );
        let inner = crate::hit::container(self, view.camera.to_world(middle));
        let mut path: Vec<u32> = inner.map(|thing| self.members.around(thing).collect()).unwrap_or_default();
        path.reverse();
        // What is seen whole is not where one is, but what one looks at.
        path.retain(|&thing| {
            self.place(thing).is_some_and(|place| {
                let rect = view.camera.rect(&place);
                rect.width * rect.height > 0.4 * view.viewport.width * view.viewport.height
                    || rect.x < 0.0
                    || rect.right() > view.viewport.width
            })
        });
        path
    }
}

/// Pods that have not been put away by state, in the order unknown, healthy, degraded, failing: what the legend of states counts.
pub fn states_shown(scene: &Scene) -> [u64; 4] {
    let mut counts = [0; 4];
    for (at, thing) in (0u32..).zip(&scene.topology().entities) {
        if thing.kind == EntityKind::Pod && scene.is_shown(at) {
            counts[thing.health as usize] += 1;
        }
    }
    counts
}

/// What can be said of a group from its members.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupSummary {
    /// What it groups by: `Zone`, `Namespace`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// What it holds, in words.
    pub inside: String,
    /// Pods by state, in the order unknown, healthy, degraded, failing.
    pub states: [u64; 4],
    /// Bytes and flows of its pods, in words.
    pub traffic: String,
    /// Its pods.
    pub pods: Vec<underlay_model::view::EntityKey>,
    /// Its worst pods, at most 20: state, key, name.
    pub worst: Vec<(HealthState, underlay_model::view::EntityKey, String)>,
}

impl Scene {
    /// What a container holds.
    pub fn summary(&self, thing: u32) -> GroupSummary {
        let Some(entity) = self.things.get(thing as usize) else { return GroupSummary::default() };
        let mut summary = GroupSummary {
            kind: crate::keyboard::group_word(entity).to_owned(),
            name: entity.name.clone(),
            inside: crate::display::nodes::inside(self, thing),
            states: self.members.states[thing as usize].map(u64::from),
            ..GroupSummary::default()
        };
        let mut sum = underlay_model::view::Traffic::default();
        let mut pods: Vec<u32> = Vec::new();
        let mut stack = vec![thing];
        while let Some(at) = stack.pop() {
            if self.things.kind(at) == EntityKind::Pod {
                sum += self.things[at as usize].traffic;
                pods.push(at);
            }
            stack.extend(self.members.children.of(at));
        }
        summary.traffic =
            [crate::units::bytes(sum.total_bytes()), crate::units::counted(sum.flows, "flow", "flows")].join(", ");
        let rank = |pod: u32| match self.things.health(pod) {
            HealthState::Failing => 0,
            HealthState::Degraded => 1,
            HealthState::Unknown => 2,
            HealthState::Healthy => 3,
        };
        pods.order_by_key(|&pod| (rank(pod), pod));
        summary.pods = pods.iter().map(|&pod| self.things[pod as usize].key.clone()).collect();
        summary.worst = pods
            .into_iter()
            .take(20)
            .map(|pod| {
                let pod = &self.things[pod as usize];
                (pod.health, pod.key.clone(), pod.name.clone())
            })
            .collect();
        summary
    }
}
