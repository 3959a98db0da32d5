//! What the width of an edge tells: bytes, packets or connections. Each has its own two ends of the scale, so that a change of the
//! measure changes which edges are wide, not whether any is.

use crate::units;
use underlay_model::view::Traffic;

/// What edges are as wide as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Measure {
    /// Bytes both ways, from 1 kB to 1 GB.
    #[default]
    Bytes,
    /// Packets both ways, from 10 to 10 million.
    Packets,
    /// Flows, from 1 to 1 million.
    Connections,
}

impl Measure {
    /// Every measure, in the order offered.
    pub const ALL: [Self; 3] = [Self::Bytes, Self::Packets, Self::Connections];

    /// What the control calls it; also its name in an address.
    pub fn label(self) -> &'static str {
        match self {
            Self::Bytes => "bytes",
            Self::Packets => "packets",
            Self::Connections => "connections",
        }
    }

    /// The measure of a label.
    pub fn of(label: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|measure| measure.label() == label)
    }

    /// Width of a user edge in pixels: 1 to 8 by the logarithm of what is measured.
    pub fn width(self, traffic: &Traffic) -> f32 {
        let least = if self == Self::Bytes {
            1e3
        } else if self == Self::Packets {
            10.0
        } else {
            1.0
        };
        let doublings = (self.number(traffic).max(1) as f32 / least).log2() / 1e6_f32.log2();
        1.0 + 7.0 * doublings.clamp(0.0, 1.0)
    }

    /// What is measured.
    pub fn number(self, traffic: &Traffic) -> u64 {
        match self {
            Self::Bytes => traffic.total_bytes(),
            Self::Packets => traffic.packets[0].saturating_add(traffic.packets[1]),
            Self::Connections => traffic.flows,
        }
    }

    /// The measured number with its unit: `41.8 MB`, `12,300 packets`, `612 flows`.
    pub fn words(self, traffic: &Traffic) -> String {
        let number = self.number(traffic);
        match self {
            Self::Bytes => units::bytes(number),
            Self::Packets => units::counted(number, "packet", "packets"),
            Self::Connections => units::counted(number, "flow", "flows"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_measure_spans_the_same_widths() {
        let traffic = |flows, packets, bytes| Traffic { flows, denied: 0, packets: [packets, 0], bytes: [bytes, 0] };
        for (measure, least, most) in [
            (Measure::Bytes, traffic(0, 0, 1_000), traffic(0, 0, 1_000_000_000)),
            (Measure::Packets, traffic(0, 10, 0), traffic(0, 10_000_000, 0)),
            (Measure::Connections, traffic(1, 0, 0), traffic(1_000_000, 0, 0)),
        ] {
            assert!((measure.width(&least) - 1.0).abs() < 0.01, "{measure:?}");
            assert!((measure.width(&most) - 8.0).abs() < 0.01, "{measure:?}");
            assert_eq!(measure.width(&Traffic::default()), 1.0);
        }
    }
}
