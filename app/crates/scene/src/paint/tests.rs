use super::*;
use crate::geometry::Point;
use std::sync::Arc;

fn field(states: Vec<u8>) -> CellField {
    let run =
        CellRun { at: Point::new(2.0, 2.0), columns: 4, pitch: 6.0, side: 4.0, first: 0, count: states.len() as u32 };
    CellField { blocks: Vec::new(), runs: vec![run], states: Arc::new(states), dims: false }
}

fn pixel(painter: &SoftPainter, x: usize, y: usize) -> &[u8] {
    let at = (y * painter.size().0 as usize + x) * 4;
    &painter.pixels()[at..at + 4]
}

#[test]
fn cells_are_painted_in_rows_by_state_and_nothing_else_is_touched() {
    let palette = Palette::dark();
    let mut painter = SoftPainter::new(40, 30);
    painter.paint(&field(vec![1, 1, 1, 1, 1, 3]), &palette, 1.0);
    assert_eq!(pixel(&painter, 3, 3), palette.rgba(Token::HealthyQuiet));
    assert_eq!(pixel(&painter, 3, 9), palette.rgba(Token::HealthyQuiet));
    assert_eq!(pixel(&painter, 10, 10), palette.rgba(Token::Failing), "the diamond of the second row");
    assert_eq!(pixel(&painter, 30, 3), [0; 4]);
    let first = painter.pixels().to_vec();
    painter.paint(&field(vec![1, 1, 1, 1, 1, 3]), &palette, 1.0);
    assert_eq!(first, painter.pixels());
}

#[test]
fn an_exception_is_seen_even_when_cells_are_smaller_than_a_pixel() {
    let palette = Palette::dark();
    let mut states = vec![1; 400];
    states[211] = 3;
    let mut tiny = field(states);
    tiny.runs[0].pitch = 0.5;
    tiny.runs[0].side = 0.4;
    tiny.runs[0].columns = 20;
    let mut painter = SoftPainter::new(40, 40);
    painter.paint(&tiny, &palette, 1.0);
    let failing = palette.rgba(Token::Failing);
    assert!(painter.pixels().chunks(4).filter(|pixel| *pixel == failing).count() >= 12);
}

#[test]
fn cells_outside_the_canvas_do_no_harm() {
    let mut far = field(vec![1, 2, 3, 0]);
    far.runs[0].at = Point::new(-5000.0, 1e9);
    far.runs[0].count = 400;
    SoftPainter::new(10, 10).paint(&far, &Palette::light(), 2.0);
}

/// The shapes as a plain painter puts them one over the other, where it can: rectangles.
#[test]
fn shapes_for_other_painters_are_those_that_are_painted() {
    let palette = Palette::dark();
    let mut whole = field(vec![1, 0, 5, 1, 1, 9, 0, 1]);
    whole.dims = true;
    whole.blocks.push(crate::display::primitive::Block {
        rect: Rect::new(1.0, 1.0, 30.3, 20.6),
        fill: Token::Raised,
        stroke: Some(Token::Line2),
        load: 0.4,
        worst: HealthState::Healthy,
        denied: false,
    });
    for ratio in [1.0, 1.5, 2.0] {
        let mut painter = SoftPainter::new(80, 60);
        painter.paint(&whole, &palette, ratio);
        let mut other = SoftPainter::new(80, 60);
        instances::each(&whole, &palette, ratio, &mut |instance| {
            assert_eq!(instance.form, instances::Form::Rect);
            other.fill(&instance.rect, instance.colour);
        });
        assert!(painter.pixels() == other.pixels(), "at {ratio}");
    }
    let mut bytes = Vec::new();
    instances::write(&field(vec![1, 2, 3]), &palette, 1.0, &mut bytes);
    // A healthy cell, and a mark with its rim for each exception.
    assert_eq!(bytes.len(), 5 * instances::BYTES);
}
