//! Nodes and their pods where there are many: blocks, cells, and lists of the worst pods, by the level of detail; hit testing asks
//! it back which pod stands where.

use super::card::{border, card, traffic_words};
use super::compose::{Frame, Type, halo, mark, text_run};
use super::nodes::node_header;
use super::primitive::{Block, CellRun, Paint, Primitive, cell};
use super::{Target, focus};
use crate::geometry::{Point, Rect};
use crate::layout::Grid;
use crate::level::Level;
use crate::scene::Scene;
use crate::token::Token;
use crate::units;
use underlay_model::health::HealthState;
use underlay_model::order::Order;
use underlay_model::view::{Edge, EntityKind};

pub(super) fn draw(frame: &mut Frame<'_>, above: &mut Vec<Primitive>) {
    let scene = frame.scene;
    let Some(area) = &scene.layout.dense else { return };
    frame.list.cells.states = lit_cells(frame);
    frame.list.cells.dims = frame.focus.dims;
    let visible = frame.visible;
    for block in area.blocks.iter().filter(|block| block.rect.overlaps(&visible)) {
        for pool in &block.pools {
            area.nodes_in(pool, &visible, |node| dense_node(frame, node, above));
        }
    }
    for &well in &area.wells {
        let Some(rect) = frame.seen(well).filter(|_| !scene.layout.is_collapsed(well)) else { continue };
        let run = cell_run(scene, well, &rect, frame.level);
        if run.side < CELL_AS_CARD {
            frame.list.cells.runs.push(run);
        } else {
            field_cards(frame, well, &rect, above);
        }
    }
}

/// From this many pixels on a pod of a field is a card.
const CELL_AS_CARD: f32 = 44.0;

/// Pods of a field that are in view, as cards.
fn field_cards(frame: &Frame<'_>, well: u32, rect: &Rect, above: &mut Vec<Primitive>) {
    let grid = cell_grid(frame.scene, well, rect, frame.level);
    let pods = frame.scene.members.pods.of(well);
    let index = |distance: f32| (distance / grid.pitch).floor().max(0.0) as u32;
    let (width, height) = (frame.view.viewport.width, frame.view.viewport.height);
    for row in index(-grid.at.y)..=index(height - grid.at.y) {
        for column in index(-grid.at.x)..=index(width - grid.at.x).min(grid.columns - 1) {
            let slot = row * grid.columns + column;
            if let Some(&pod) = pods.get(slot as usize) {
                let place = grid.cell(slot);
                if place.width >= 150.0 {
                    card(frame, pod, &place, above)
                } else {
                    square_card(frame, pod, &place, above)
                }
            }
        }
    }
}

/// A pod in a square of 44 to 150 px: what tells it apart, its address and its bytes, as far as there is room.
fn square_card(frame: &Frame<'_>, pod: u32, rect: &Rect, out: &mut Vec<Primitive>) {
    let entity = &frame.scene.things[pod as usize];
    let fill = if frame.is_hovered(pod) { Token::Hover } else { Token::Raised };
    let line = border(entity.health);
    out.push(Primitive::Rect { rect: *rect, radius: 3.0, paint: Paint::panel(fill, line) });
    if frame.is_selected(pod) {
        halo(rect, 3.0, out);
    }
    let (left, room) = (rect.x + 5.0, rect.width - 9.0);
    let at = Point::new(left, rect.y + 5.0);
    out.push(Primitive::Glyph { mark: mark(entity.health), at, size: 11.0, knockout: Token::Raised, opacity: 1.0 });
    let bytes = traffic_words(entity);
    let name = (units::distinguishing(&entity.name).1, Type::sans(11.0, 600, Token::Fg1));
    let lines =
        [name, (entity.detail.as_str(), Type::mono(10.5, Token::Fg2)), (&bytes, Type::sans(10.5, 400, Token::Fg2))];
    let most = if rect.height >= 62.0 { 3 } else { 2 };
    for (i, (text, kind)) in lines.into_iter().take(most).enumerate() {
        let at = Point::new(left, rect.y + 28.0 + 14.0 * i as f32);
        if i == 0 || units::text_width(text, kind.size, kind.mono) <= room * 1.06 {
            out.extend(text_run(text, at, kind, room).map(Primitive::Text));
        }
    }
}

/// The cells with those bright that the selection lights, and those left out whose state is muted.
fn lit_cells(frame: &Frame<'_>) -> std::sync::Arc<Vec<u8>> {
    let scene = frame.scene;
    let selected = match frame.view.selection {
        Some(Target::Entity(thing)) => Some(thing),
        _ => None,
    };
    let things: Vec<u32> = selected.into_iter().chain(scene.marked.iter().copied()).collect();
    if things.is_empty() && frame.view.muted == 0 {
        return std::sync::Arc::clone(&scene.cells);
    }
    let mut cells = scene.cells.as_ref().clone();
    let mut bright = |pod: u32| {
        let home = scene.members.home.get(pod as usize).copied().unwrap_or(crate::members::NONE);
        let at = scene.members.pods.start(home) + scene.members.slot.get(pod as usize).copied().unwrap_or(0);
        let is_pod = scene.things.get(pod as usize).is_some_and(|thing| thing.kind == EntityKind::Pod);
        if let (true, Some(cell)) = (is_pod && scene.is_shown(pod), cells.get_mut(at as usize)) {
            *cell |= cell::BRIGHT;
        }
    };
    let mut stack = things;
    while let Some(thing) = stack.pop() {
        bright(thing);
        let edges = |list: &[u32], end: fn(&Edge) -> u32| -> Vec<u32> {
            list.iter().map(|&edge| end(&scene.topology.edges[edge as usize])).collect()
        };
        edges(scene.members.outgoing.of(thing), |edge| edge.target).into_iter().for_each(&mut bright);
        edges(scene.members.incoming.of(thing), |edge| edge.source).into_iter().for_each(&mut bright);
        stack.extend(scene.members.children.of(thing));
    }
    if frame.view.muted != 0 {
        for cell in &mut cells {
            if frame.view.muted & (1 << (*cell & cell::STATE)) != 0 {
                *cell |= cell::MUTED;
            }
        }
    }
    std::sync::Arc::new(cells)
}

/// Whether the selection lights a pod of a node.
fn holds_lit(frame: &Frame<'_>, node: u32) -> bool {
    let pods = &frame.scene.members.pods;
    let (first, count) = (pods.start(node) as usize, pods.of(node).len());
    let cells = frame.list.cells.states.get(first..first + count).unwrap_or_default();
    cells.iter().any(|cell| cell & cell::BRIGHT != 0)
}

fn dense_node(frame: &mut Frame<'_>, node: u32, above: &mut Vec<Primitive>) {
    let scene = frame.scene;
    let Some(place) = scene.layout.places.get(node as usize).copied() else { return };
    let rect = frame.rect(&place);
    let entity = &scene.things[node as usize];
    let worst = scene.members.worst[node as usize];
    let count = scene.members.pods.of(node).len();
    let unknown = worst == HealthState::Unknown;
    if frame.level >= Level::Rows {
        let fill = if frame.is_hovered(node) { Token::Hover } else { Token::Raised };
        let stroke = if unknown { Token::Unknown } else { Token::Line2 };
        let paint = Paint::panel(fill, stroke);
        frame.list.under.push(Primitive::Rect {
            rect,
            radius: 4.0,
            paint: if unknown { paint.dashed(4.0, 3.0) } else { paint },
        });
        node_list(frame, node, &rect, above);
    } else {
        let block = frame.level == Level::Block;
        frame.list.cells.blocks.push(Block {
            rect,
            fill: match (block, unknown) {
                (true, false) if frame.focus.dims && holds_lit(frame, node) => Token::Healthy,
                (true, false) => Token::HealthyQuiet,
                _ => Token::Raised,
            },
            stroke: Some(if unknown { Token::Unknown } else { Token::Line2 }),
            load: if block { 0.0 } else { scene.load.get(node as usize).copied().unwrap_or(0.0) },
            worst: if block { worst } else { entity.health },
            denied: scene.denied.binary_search(&node).is_ok(),
        });
        if !block && count > 0 {
            let run = cell_run(scene, node, &rect, frame.level);
            frame.list.cells.runs.push(run);
        }
        if frame.level == Level::NamedCells {
            let size = 10.5;
            let name = units::distinguishing(&entity.name).1;
            let at = Point::new(rect.x + 6.0, rect.y + 18.0);
            let run = text_run(name, at, Type::mono(size, Token::Fg1), rect.width - 12.0);
            above.extend(run.map(Primitive::Text));
        }
    }
    if frame.is_selected(node) {
        halo(&rect, 3.0, above);
    } else if frame.is_hovered(node) {
        above.push(Primitive::Rect { rect, radius: 2.0, paint: Paint::stroke(Token::Fg2, 1.0) });
    }
}

/// The cells of a node or unplaced well as they are drawn in `rect` (screen) at a level: named nodes make room for their name.
pub(crate) fn cell_run(scene: &Scene, home: u32, rect: &Rect, level: Level) -> CellRun {
    let grid = cell_grid(scene, home, rect, level);
    CellRun {
        at: grid.at,
        columns: u16::try_from(grid.columns).unwrap_or(u16::MAX),
        pitch: grid.pitch,
        side: grid.side,
        first: scene.members.pods.start(home),
        count: grid.count,
    }
}

/// See [`cell_run`].
pub(crate) fn cell_grid(scene: &Scene, home: u32, rect: &Rect, level: Level) -> Grid {
    let kind = scene.things.kind(home);
    let count = scene.members.pods.of(home).len();
    let nothing = Grid { at: Point::default(), columns: 1, pitch: 1.0, side: 1.0, count: 0 };
    let (Some(area), Some(place)) = (&scene.layout.dense, scene.layout.places.get(home as usize)) else {
        return nothing;
    };
    let scale = rect.width / place.width.max(1.0);
    let world = area.grid_in(place, kind, count);
    let mut grid = Grid {
        at: Point::new(rect.x + (world.at.x - place.x) * scale, rect.y + (world.at.y - place.y) * scale),
        pitch: world.pitch * scale,
        side: world.side * scale,
        ..world
    };
    if kind == EntityKind::Node && level >= Level::NamedCells {
        let top = 23.0;
        let rows = (count as u32).div_ceil(grid.columns).max(1) as f32;
        grid.pitch = grid.pitch.min((rect.height - top - 2.0) / rows).max(1.0);
        grid.side = grid.pitch * crate::layout::CELL_SHARE;
        grid.at.y = rect.y + top;
    }
    grid
}

/// Pods of a node as rows or cards, worst first, as many as fit, and what is folded away.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct PodList {
    pub items: Vec<(u32, Rect)>,
    pub folded: usize,
    /// Whether only healthy pods were folded.
    pub folded_healthy: bool,
    /// Start of the baseline of `and 31 healthy`.
    pub fold_at: Point,
}

/// The list of a node drawn in `rect` (screen) at [`Level::Rows`] or finer.
pub(crate) fn pod_list(scene: &Scene, node: u32, rect: &Rect, level: Level) -> PodList {
    let pods = scene.members.pods.of(node);
    let state = |pod: u32| scene.things.health(pod);
    let mut sorted = pods.to_vec();
    // Worst first; unknown before healthy, since it may need a look.
    sorted.order_by_key(|&pod| match state(pod) {
        HealthState::Failing => 0,
        HealthState::Degraded => 1,
        HealthState::Unknown => 2,
        HealthState::Healthy => 3,
    });
    let header = list_header(rect, level);
    let (height, gap, least) = match level {
        Level::Containers => (88.0, 6.0, 200.0),
        Level::Cards => (52.0, 6.0, 200.0),
        _ => (20.0, 2.0, 130.0),
    };
    let inner = Rect::new(rect.x + 6.0, rect.y + header, rect.width - 12.0, rect.height - header - 4.0);
    if inner.height < height {
        return PodList {
            folded: pods.len(),
            folded_healthy: false,
            fold_at: Point::new(inner.x + 4.0, inner.y + 11.0),
            ..PodList::default()
        };
    }
    let columns = ((inner.width + gap) / (least + gap)).floor().max(1.0) as usize;
    let all_rows = ((inner.height + gap) / (height + gap)).floor() as usize;
    let folding = all_rows * columns < sorted.len();
    if !folding && level >= Level::Cards && !sorted.is_empty() {
        return filling(&sorted, &inner, (columns, gap, height));
    }
    let rows =
        if folding { ((inner.height - 16.0 + gap) / (height + gap)).floor().max(0.0) as usize } else { all_rows };
    let width = (inner.width - (columns - 1) as f32 * gap) / columns as f32;
    let shown = (rows * columns).min(sorted.len());
    let items = sorted[..shown]
        .iter()
        .enumerate()
        .map(|(i, &pod)| {
            // Down the columns, so that the worst stand together.
            let rows = rows.max(1);
            let (column, row) = (i / rows, i % rows);
            let at = (inner.x + column as f32 * (width + gap), inner.y + row as f32 * (height + gap));
            (pod, Rect::new(at.0, at.1, width, height))
        })
        .collect();
    PodList {
        items,
        folded: sorted.len() - shown,
        folded_healthy: sorted[shown..].iter().all(|&pod| state(pod) == HealthState::Healthy),
        fold_at: Point::new(inner.x + 4.0, rect.bottom() - 7.0),
    }
}

/// All pods of a node where there is room for all: cards of about one form, as large as the node allows.
fn filling(pods: &[u32], inner: &Rect, (most, gap, least): (usize, f32, f32)) -> PodList {
    const FORM: f32 = 4.2;
    let size = |columns: usize| {
        let rows = pods.len().div_ceil(columns);
        let width = (inner.width + gap) / columns as f32 - gap;
        (width, ((inner.height + gap) / rows as f32 - gap).min(width / 2.0))
    };
    let unlike = |columns: &usize| {
        let (width, height) = size(*columns);
        if height < least { f32::MAX } else { (width / height / FORM).ln().abs() }
    };
    let columns = (1..=most.max(1)).min_by(|a, b| unlike(a).total_cmp(&unlike(b))).unwrap_or(1);
    let (rows, (width, height)) = (pods.len().div_ceil(columns), size(columns));
    let place = |i: usize| {
        let (column, row) = (i / rows, i % rows);
        let corner = (inner.x + column as f32 * (width + gap), inner.y + row as f32 * (height + gap));
        Rect::new(corner.0, corner.1, width, height)
    };
    PodList { items: pods.iter().enumerate().map(|(i, &pod)| (pod, place(i))).collect(), ..PodList::default() }
}

fn list_header(rect: &Rect, level: Level) -> f32 {
    if level >= Level::Cards && rect.height >= 150.0 { 40.0 } else { 24.0 }
}

fn node_list(frame: &mut Frame<'_>, node: u32, rect: &Rect, above: &mut Vec<Primitive>) {
    let scene = frame.scene;
    let header = Rect::new(rect.x, rect.y, rect.width, list_header(rect, frame.level));
    let from = above.len();
    node_header(frame, node, &header, 1.0, above);
    focus::fade(above.get_mut(from..).unwrap_or_default(), frame.opacity(node));
    let list = pod_list(scene, node, rect, frame.level);
    for (pod, place) in &list.items {
        let from = above.len();
        if frame.level >= Level::Cards {
            card(frame, *pod, place, above)
        } else {
            pod_row(frame, *pod, place, above)
        }
        focus::fade(above.get_mut(from..).unwrap_or_default(), frame.opacity(*pod));
    }
    if list.folded > 0 {
        let rest = list.folded as u64;
        let text = match (list.items.is_empty(), list.folded_healthy) {
            (true, _) => units::counted(rest, "pod", "pods"),
            (false, true) => format!("and {} healthy", units::count(rest)),
            (false, false) => format!("and {} more", units::count(rest)),
        };
        let run = text_run(&text, list.fold_at, Type::sans(10.5, 400, Token::Fg3), rect.width - 20.0);
        above.extend(run.map(Primitive::Text));
    }
}

/// A pod as a row: mark, name, bytes.
fn pod_row(frame: &Frame<'_>, pod: u32, rect: &Rect, out: &mut Vec<Primitive>) {
    let entity = &frame.scene.things[pod as usize];
    if frame.is_hovered(pod) {
        out.push(Primitive::Rect { rect: *rect, radius: 3.0, paint: Paint::fill(Token::Hover) });
    }
    if frame.is_selected(pod) {
        halo(rect, 3.0, out);
    }
    let middle = rect.centre().y;
    let glyph = Primitive::Glyph {
        mark: mark(entity.health),
        at: Point::new(rect.x + 3.0, middle - 5.5),
        size: 11.0,
        knockout: Token::Raised,
        opacity: 1.0,
    };
    out.push(glyph);
    let (left, right, size) = (rect.x + 20.0, rect.right() - 4.0, 11.0);
    let bytes = traffic_words(entity);
    let used = units::text_width(&bytes, size, false) + 6.0;
    let run = text_run(&bytes, Point::new(right, middle + 4.0), Type::sans(size, 400, Token::Fg2).at_end(), used);
    out.extend(run.map(Primitive::Text));
    // The head of the workload's name and what tells the pod apart: the middle is noise.
    let run =
        text_run(&entity.name, Point::new(left, middle + 4.0), Type::sans(size, 400, Token::Fg1), right - left - used);
    out.extend(run.map(Primitive::Text));
}
