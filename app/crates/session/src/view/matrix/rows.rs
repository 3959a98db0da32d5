//! Lines of the matrix as rows: one a pod, or folded by service or node, with what is to be said of each in words.

use super::Line;
use crate::view::World;
use crate::view::places::Subject;
use underlay_model::matrix::{CellState, Matrix, MatrixCell, MatrixFold, MatrixRow};
use underlay_model::order::Order;
use underlay_model::view::EntityKey;

/// Rows at most.
const MOST_ROWS: usize = 200;

/// Folds lines as the matrix says, sorts them, and lists the first.
pub(super) fn add(world: World<'_>, lines: Vec<Line>, matrix: &mut Matrix) {
    let mut named: Vec<(String, Option<EntityKey>, Line)> =
        lines.into_iter().map(|line| with_name(world, matrix.fold, line)).collect();
    named.order_by(|a, b| (&a.0, a.2.target).cmp(&(&b.0, b.2.target)));
    let mut rows = Vec::new();
    let mut iterator = named.into_iter().peekable();
    while let Some((name, key, line)) = iterator.next() {
        let mut same = vec![line];
        // Two pods of one name (recreated under it) stay two rows.
        while matrix.fold != MatrixFold::Pod && iterator.peek().is_some_and(|next| next.0 == name) {
            same.extend(iterator.next().map(|next| next.2));
        }
        rows.push(row(name, key, &same, matrix));
    }
    rows.order_by(|a, b| b.state.cmp(&a.state).then_with(|| (&a.group, &a.name).cmp(&(&b.group, &b.name))));
    matrix.more_rows = rows.len().saturating_sub(MOST_ROWS) as u64;
    rows.truncate(MOST_ROWS);
    matrix.rows = rows;
}

fn with_name(world: World<'_>, fold: MatrixFold, line: Line) -> (String, Option<EntityKey>, Line) {
    let service = line.expected.as_ref().filter(|service| !service.is_empty());
    let (name, key) = match (fold, world.places.subject(line.target)) {
        (MatrixFold::Service, _) => match service {
            Some(service) => (service.clone(), Some(EntityKey::new("service", service))),
            None => ("no service of a route".to_owned(), None),
        },
        (MatrixFold::Node, Some(Subject::Pod(pod))) => {
            let node = world.resolver.node_of_pod(pod);
            match node.and_then(|node| world.resolver.node_names().get(node as usize)) {
                Some(node) => (node.clone(), Some(EntityKey::new("node", node))),
                None => ("no known node".to_owned(), None),
            }
        }
        _ => match world.places.entity(line.target) {
            Some(entity) => (entity.name.clone(), Some(entity.key.clone())),
            None => (String::new(), None),
        },
    };
    let key = key.filter(|key| world.places.find(key).is_some());
    (name, key, line)
}

fn row(name: String, key: Option<EntityKey>, lines: &[Line], matrix: &Matrix) -> MatrixRow {
    let mut row = MatrixRow { name, key, pods: lines.len() as u64, ..MatrixRow::default() };
    row.cells = vec![MatrixCell::default(); matrix.instances.len()];
    for line in lines {
        row.total.add(&line.total);
        if let Some((requests, failed)) = line.requests {
            let sum = row.requests.get_or_insert((0, 0));
            (sum.0, sum.1) = (sum.0 + requests, sum.1 + failed);
        }
        for (sum, cell) in row.cells.iter_mut().zip(&line.cells) {
            sum.add(cell);
            sum.state = sum.state.max(cell.state);
        }
    }
    // What is silent to everybody says nothing of one row.
    let speaking = row.cells.iter().zip(&matrix.instances).filter(|(_, instance)| !instance.total.is_empty());
    let worst = speaking.map(|(cell, _)| cell.state).max().unwrap_or(CellState::Silent);
    row.state = worst;
    row.total.state = worst;
    if let ([line], MatrixFold::Pod) = (lines, matrix.fold) {
        row.group = line.expected.clone().unwrap_or_default();
    }
    row.marks = marks(lines, &row, matrix);
    row
}

/// What is to be said, worst first.
fn marks(lines: &[Line], row: &MatrixRow, matrix: &Matrix) -> Vec<String> {
    let mut marks = Vec::new();
    let many = lines.len() > 1;
    if row.total.denied > 0 {
        marks.push(counted(row.total.denied, "flow denied", "flows denied"));
    }
    if row.total.unanswered >= 3 {
        marks.push(format!("{} of {} probes unanswered", row.total.unanswered, row.total.probes()));
    }
    let speaking: Vec<usize> = (0..matrix.instances.len())
        .filter(|&at| matrix.instances.get(at).is_some_and(|one| !one.total.is_empty()))
        .collect();
    let is_silent =
        |line: &Line, column: usize| line.cells.get(column).is_some_and(|cell| cell.state == CellState::Silent);
    let hears_nothing = |line: &Line| !speaking.is_empty() && speaking.iter().all(|&column| is_silent(line, column));
    let unheard = lines.iter().filter(|line| hears_nothing(line)).count();
    if unheard > 0 {
        let words = format!("{unheard} of {} pods hear nothing", lines.len());
        marks.push(if many { words } else { "hears nothing".to_owned() });
    }
    for &column in &speaking {
        let Some(instance) = matrix.instances.get(column) else { continue };
        match lines.iter().filter(|line| is_silent(line, column) && !hears_nothing(line)).count() {
            0 => {}
            _ if !many => marks.push(format!("nothing from {}", instance.name)),
            count => marks.push(format!("nothing from {} to {count} of {} pods", instance.name, lines.len())),
        }
    }
    let mut times: Vec<f64> = lines.iter().filter_map(|line| line.times).collect();
    times.order_by(|a, b| b.total_cmp(a));
    match (times.first(), many) {
        (Some(times), false) => marks.push(format!("{times:.1} times the usual connections of its service")),
        (Some(most), true) => {
            marks.push(format!("uneven: {} of {} pods, up to {most:.1} times the usual", times.len(), lines.len()))
        }
        (None, _) => {}
    }
    let fewer = lines
        .iter()
        .filter(|line| line.times.is_none() && line.cells.iter().any(|cell| cell.state == CellState::Uneven))
        .count();
    if fewer > 0 {
        marks.push(if many {
            format!("{fewer} pods get fewer probes from one instance than from another")
        } else {
            "fewer probes from one instance than from another".to_owned()
        });
    }
    marks
}

fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
