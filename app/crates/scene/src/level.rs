//! Semantic zoom: which of six levels of detail is drawn, by the width of a node on the screen (design, section 5). Pure and
//! with 10 % hysteresis, so that a wheel step back and forth does not flicker.

/// Levels of detail, coarse to fine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Under 28 px: one fill a node.
    Block,
    /// 28–90 px: a cell a pod, no text.
    Cells,
    /// 90–150 px: short node name and larger cells.
    NamedCells,
    /// 150–230 px: worst pods as rows, healthy ones folded.
    Rows,
    /// 230–420 px: pod cards.
    #[default]
    Cards,
    /// From 420 px: containers, ports and probe inside the card.
    Containers,
}

impl Level {
    /// Every level, coarse to fine.
    pub const ALL: [Self; 6] = [Self::Block, Self::Cells, Self::NamedCells, Self::Rows, Self::Cards, Self::Containers];

    /// Node width in pixels at which the level begins.
    pub fn begins(self) -> f32 {
        match self {
            Self::Block => 0.0,
            Self::Cells => 28.0,
            Self::NamedCells => 90.0,
            Self::Rows => 150.0,
            Self::Cards => 230.0,
            Self::Containers => 420.0,
        }
    }

    /// What the Detail control calls it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Block => "Blocks",
            Self::Cells => "Cells",
            Self::NamedCells => "Named cells",
            Self::Rows => "Rows",
            Self::Cards => "Cards",
            Self::Containers => "Containers",
        }
    }
}

/// The level for a node drawn `width` pixels wide. The previous level is kept until the width is 10 % beyond its bounds.
pub fn level(width: f32, previous: Option<Level>) -> Level {
    let plain = |width: f32| Level::ALL.into_iter().rev().find(|level| width >= level.begins()).unwrap_or(Level::Block);
    let Some(previous) = previous else { return plain(width) };
    let wanted = plain(width);
    match wanted.cmp(&previous) {
        std::cmp::Ordering::Equal => previous,
        // Finer: only when still finer at 10 % less.
        std::cmp::Ordering::Greater => plain(width / 1.1).max(previous),
        std::cmp::Ordering::Less => plain(width * 1.1).min(previous),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_begin_where_the_design_says() {
        for (width, expected) in [
            (27.9, Level::Block),
            (28.0, Level::Cells),
            (90.0, Level::NamedCells),
            (150.0, Level::Rows),
            (230.0, Level::Cards),
            (246.0, Level::Cards),
            (420.0, Level::Containers),
        ] {
            assert_eq!(level(width, None), expected, "{width}");
        }
    }

    #[test]
    fn small_movements_around_a_border_do_not_change_the_level() {
        for border in Level::ALL.into_iter().skip(1) {
            let coarser = level(border.begins() - 1.0, None);
            assert_eq!(level(border.begins() * 1.05, Some(coarser)), coarser);
            assert_eq!(level(border.begins() * 0.95, Some(border)), border);
            assert_eq!(level(border.begins() * 1.11, Some(coarser)), border);
            assert_eq!(level(border.begins() * 0.90, Some(border)), coarser);
        }
        // A jump over several levels arrives.
        assert_eq!(level(500.0, Some(Level::Block)), Level::Containers);
        assert_eq!(level(5.0, Some(Level::Containers)), Level::Block);
    }
}
