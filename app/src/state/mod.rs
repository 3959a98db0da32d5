//! What the page remembers: how the person looks at the capture ([`View`], round-trips through the address bar) and what the
//! capture has answered ([`Capture`]). Both are small bundles of signals, handed down by context; everything else is derived.

mod address_bar;
mod capture;
mod looking;
mod question;
mod theme;

pub use address_bar::keep_address;
pub use capture::{Capture, NamedFile, ShownSources};
pub use looking::{Looking, toggle};
pub use theme::{Theme, ThemeChoice, watch_system_theme};

use leptos::prelude::*;
use underlay_model::order::Order;
use underlay_model::view::{EdgeKind, EntityKey, MinuteRange};

/// What fills the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Screen {
    /// Nothing is open: the landing page.
    #[default]
    Landing,
    /// Progress and the import report.
    Import,
    /// The picture.
    Topology,
    /// The same edges as rows.
    Table,
    /// Metrics, requests and events over time.
    Charts,
}

/// What the charts view shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChartsPage {
    /// Numbers over time.
    #[default]
    Charts,
    /// Gateway instances and pods.
    Matrix,
    /// Single requests.
    Requests,
}

/// The one thing that is selected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// A thing in the picture.
    Entity(EntityKey),
    /// Traffic of one kind between two things.
    Edge {
        /// The initiator.
        source: EntityKey,
        /// The target.
        target: EntityKey,
        /// What it is.
        kind: EdgeKind,
    },
}

impl Selection {
    /// The thing, when it is one.
    pub fn entity(&self) -> Option<&EntityKey> {
        match self {
            Self::Entity(key) => Some(key),
            Self::Edge { .. } => None,
        }
    }
}

/// A camera that has come to rest: scale and the offset of the world's origin, in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SettledCamera {
    /// CSS pixels a world unit.
    pub scale: f64,
    /// Where the world's origin lies on the canvas.
    pub x: f64,
    /// Where the world's origin lies on the canvas.
    pub y: f64,
}

/// Kinds of edges in the order of the legend.
pub const LAYERS: [EdgeKind; 8] = [
    EdgeKind::User,
    EdgeKind::Probe,
    EdgeKind::Denied,
    EdgeKind::Absent,
    EdgeKind::Internal,
    EdgeKind::Egress,
    EdgeKind::Platform,
    EdgeKind::Inferred,
];

/// Hidden until asked for: they are everywhere and say little (design, section 5).
pub fn hidden_at_first() -> Vec<EdgeKind> {
    vec![EdgeKind::Egress, EdgeKind::Platform]
}

/// How the person looks at the capture. All of it is in the address bar, except for the theme, which is the person's own.
#[derive(Clone, Copy)]
pub struct View {
    /// What fills the page.
    pub screen: RwSignal<Screen>,
    /// Which part of the charts view.
    pub charts_page: RwSignal<ChartsPage>,
    /// The one minute (or bar) that the picture shows while time is played; `None` shows the range.
    pub playhead: RwSignal<Option<MinuteRange>>,
    /// Time is played.
    pub playing: RwSignal<bool>,
    /// So many times as fast as time.
    pub speed: RwSignal<u32>,
    /// The one selection that all views share.
    pub selection: RwSignal<Option<Selection>>,
    /// The one time range that all views share; `None` is the whole capture.
    pub range: RwSignal<Option<MinuteRange>>,
    /// Layers that are not drawn, in the order of [`LAYERS`].
    pub hidden: RwSignal<Vec<EdgeKind>>,
    /// The finding that is open in the rail, by the name that the rail gives it.
    pub finding: RwSignal<Option<String>>,
    /// How the picture is arranged.
    pub looking: RwSignal<Looking>,
    /// Things selected besides `selection`.
    pub also: RwSignal<Vec<EntityKey>>,
    /// The selection is a group that only the picture knows.
    pub group: RwSignal<bool>,
    /// Where the camera rests; `None` fits the picture.
    pub camera: RwSignal<Option<SettledCamera>>,
    /// Whether the person has asked for a camera (an address, a button): the painter takes it over and clears this.
    pub camera_wanted: RwSignal<Option<CameraWish>>,
    /// Light or dark, and who says so.
    pub theme: RwSignal<ThemeChoice>,
    /// The panel at the right is open as a drawer (narrow windows only).
    pub rail_open: RwSignal<bool>,
    /// Help is open.
    pub help_open: RwSignal<bool>,
}

/// What the painter is asked to do with its camera.
#[derive(Clone, Debug, PartialEq)]
pub enum CameraWish {
    /// Show everything.
    Fit,
    /// Be exactly there.
    Exactly(SettledCamera),
    /// Bring this thing into view.
    Show(EntityKey),
}

impl View {
    /// As the page opens, before the address bar is read.
    pub fn new() -> Self {
        Self {
            screen: RwSignal::new(Screen::Landing),
            charts_page: RwSignal::new(ChartsPage::default()),
            playhead: RwSignal::new(None),
            playing: RwSignal::new(false),
            speed: RwSignal::new(60),
            selection: RwSignal::new(None),
            range: RwSignal::new(None),
            hidden: RwSignal::new(hidden_at_first()),
            finding: RwSignal::new(None),
            looking: RwSignal::new(Looking::default()),
            also: RwSignal::new(Vec::new()),
            group: RwSignal::new(false),
            camera: RwSignal::new(None),
            camera_wanted: RwSignal::new(None),
            theme: RwSignal::new(theme::stored()),
            rail_open: RwSignal::new(false),
            help_open: RwSignal::new(false),
        }
    }

    /// The minutes that picture and inspector show: the playhead's, else those of the range.
    pub fn shown_range(self) -> Option<MinuteRange> {
        self.playhead.get().or_else(|| self.range.get())
    }

    /// Selects a thing.
    pub fn select(self, key: EntityKey) {
        self.mark_none();
        self.selection.set(Some(Selection::Entity(key)));
    }

    /// Selects nothing, and closes the open finding.
    pub fn deselect(self) {
        self.mark_none();
        self.selection.set(None);
        self.close_finding();
    }

    /// Closes the open finding, and takes its marks out of the picture.
    pub fn close_finding(self) {
        if self.finding.with_untracked(Option::is_some) {
            self.finding.set(None);
        }
    }

    fn mark_none(self) {
        if self.also.with_untracked(|also| !also.is_empty()) {
            self.also.set(Vec::new());
        }
    }

    /// Draws one way alone, from its first thing to its last: of a request its client, front end, instance, route, service and pod.
    /// Things that the picture does not have are passed over.
    pub fn show_way(self, things: Vec<EntityKey>) {
        self.looking.update(|looking| {
            looking.path = false;
            looking.services |= things.iter().any(|key| key.0.starts_with("service:") || key.0.starts_with("route:"));
            looking.only.clear();
            looking.away.retain(|key| !things.contains(key));
            looking.way = things;
        });
        self.screen.set(Screen::Topology);
        self.camera_wanted.set(Some(CameraWish::Fit));
    }

    /// Shows or hides a layer.
    pub fn toggle_layer(self, kind: EdgeKind) {
        self.hidden.update(|hidden| match hidden.iter().position(|&k| k == kind) {
            Some(at) => {
                hidden.remove(at);
            }
            None => {
                hidden.push(kind);
                hidden.order();
            }
        });
    }

    /// Back to an empty page's view; the theme stays.
    pub fn reset(self) {
        self.screen.set(Screen::Landing);
        self.selection.set(None);
        self.range.set(None);
        self.playhead.set(None);
        self.charts_page.set(ChartsPage::default());
        self.hidden.set(hidden_at_first());
        self.looking.set(Looking::default());
        self.close_finding();
        self.mark_none();
        self.camera.set(None);
        self.camera_wanted.set(Some(CameraWish::Fit));
    }
}

/// The view's store, from any component.
pub fn use_view() -> View {
    expect_context::<View>()
}

/// The capture, from any component.
pub fn use_capture() -> Capture {
    expect_context::<Capture>()
}
