//! The picture: its canvas, what controls it, the legend that switches layers, and the tree that says the same without a
//! canvas. Also the frame of the main screen around it.

mod actions;
mod canvas;
mod controls;
mod forced;
mod gl;
mod group;
mod headline;
mod keys;
mod legend;
mod overview;
pub mod paint;
mod pointer;
mod screen;
mod stage;
mod tree;

use crate::findings::Rail;
use crate::frame::{Later, StatusBar, TopBar};
use crate::inspector::Inspector;
use crate::state::{CameraWish, Screen, Selection, View, use_capture, use_view};
use crate::table::TableView;
use crate::timeline::TimelinePanel;
pub use actions::Actions;
use canvas::CanvasArea;
pub use forced::QUERY as FORCED_COLOURS;
use headline::Headline;
use leptos::prelude::*;
use stage::{FrameNews, Look, Stage};
use underlay_model::view::{EdgeKind, EntityKey, EntityKind};
use underlay_scene::level::Level;
use underlay_scene::{Arrangement, Target};

/// The picture of this page, from any component below the main screen.
#[derive(Clone, Copy)]
pub struct Picture {
    stage: StoredValue<Stage, LocalStorage>,
    /// Counts changes of the scene's content or layers.
    version: RwSignal<u64>,
    /// What the last frame said.
    news: RwSignal<FrameNews>,
    /// What has the keyboard's focus.
    focus: RwSignal<Option<Selection>>,
    /// The tree has the focus, so that it is shown where it is.
    focus_visible: RwSignal<bool>,
    /// Level pinned by the person.
    pinned: RwSignal<Option<Level>>,
}

impl Picture {
    fn new(view: View) -> Self {
        let news = RwSignal::new(FrameNews::default());
        let stage = Stage::new(
            view.theme.get_untracked().theme,
            move |now| {
                // A frame that was asked for may come after the picture is gone.
                if news.try_get_untracked().is_some_and(|known| known != now) {
                    news.set(now);
                }
            },
            move |camera| {
                if view.camera.get_untracked() != camera {
                    view.camera.set(camera);
                }
            },
        );
        Self {
            stage: StoredValue::new_local(stage),
            version: RwSignal::new(0),
            news,
            focus: RwSignal::new(None),
            focus_visible: RwSignal::new(false),
            pinned: RwSignal::new(None),
        }
    }

    fn stage(self) -> Stage {
        self.stage.get_value()
    }

    /// The picture as SVG text; `None` while nothing is drawn.
    pub fn svg(self, _view: View) -> Option<String> {
        self.stage().svg()
    }

    /// Number of flows of each kind, as the legend shows them: denials for denied edges, edges for those without flows.
    fn kinds(self) -> Vec<(EdgeKind, u64)> {
        self.version.track();
        self.stage()
            .with_scene(|scene| {
                scene
                    .kinds()
                    .into_iter()
                    .map(|(kind, traffic, edges)| {
                        let number = match kind {
                            EdgeKind::Absent | EdgeKind::Inferred => edges,
                            EdgeKind::Denied => traffic.denied,
                            _ => traffic.flows,
                        };
                        (kind, number)
                    })
                    .collect()
            })
            .unwrap_or_default()
    }

    fn find(self, key: &EntityKey) -> Option<u32> {
        self.stage().with_scene(|scene| scene.find(key)).flatten()
    }

    /// The thing; of a client that has no box of its own the group that it is in.
    fn find_or_group(self, key: &EntityKey) -> Option<u32> {
        let group = key.0.starts_with("client:").then(|| EntityKey("group:clients".to_owned()));
        self.find(key).or_else(|| self.find(&group?))
    }

    /// Goes one level out of what has the focus; from the top level, shows everything.
    fn out(self) {
        let focus = self.focus.get_untracked().and_then(|focus| self.resolve(&focus));
        let outer = self.stage().with_scene(|scene| {
            let outer = underlay_scene::keyboard::out(scene, focus?)?;
            stage::selection_of(scene, outer)
        });
        match outer.flatten() {
            Some(outer) => self.focus.set(Some(outer)),
            None => self.stage().fit(true),
        }
    }

    fn resolve(self, selection: &Selection) -> Option<Target> {
        self.stage().with_scene(|scene| stage::resolve(scene, selection)).flatten()
    }

    /// The selected thing, when it is a group that only the picture knows.
    fn group(self, target: Option<Target>) -> Option<u32> {
        let Some(Target::Entity(thing)) = target else { return None };
        let kind = self.stage().with_scene(|scene| scene.thing(thing).map(|t| t.kind));
        (kind.flatten() == Some(EntityKind::Group)).then_some(thing)
    }

    /// Keeps scene and marks in step with the view and the capture.
    fn follow(self, view: View) {
        let capture = use_capture();
        Effect::new(move |_| {
            let hidden = view.hidden.get();
            let looking = view.looking.get();
            self.stage().set_look(Look {
                measure: looking.measure,
                path: looking.path,
                muted: looking.muted,
                encryption: looking.encryption,
            });
            self.stage().arrange(Arrangement {
                layers: stage::layers(&hidden),
                encryption_off: if looking.encryption { looking.encryption_off } else { 0 },
                grouping: looking.grouping,
                services: looking.services,
                collapsed: looking.collapsed,
                hidden: looking.away,
                only: looking.only,
            });
            self.version.update(|version| *version += 1);
        });
        Effect::new(move |_| {
            self.version.track();
            let mut keys = view.also.get();
            keys.extend(crate::findings::marked(view, capture));
            let marked = keys.iter().filter_map(|key| self.find(key)).collect();
            self.stage().mark(marked);
            let way = view.looking.with(|looking| looking.way.clone());
            self.stage().set_way(way.iter().filter_map(|key| self.find_or_group(key)).collect());
        });
        Effect::new(move |_| {
            match capture.topology.get() {
                Some(topology) => self.stage().set_topology(topology),
                None => self.stage().clear(),
            }
            self.version.update(|version| *version += 1);
        });
        Effect::new(move |_| {
            self.version.track();
            let selection = view.selection.get();
            let target = selection.as_ref().and_then(|selection| self.resolve(selection));
            self.stage().set_selection(target);
            let group = self.group(target).is_some();
            if view.group.get_untracked() != group {
                view.group.set(group);
            }
            self.stage().cover(if selection.is_some() && drawer() { DRAWER_WIDTH } else { 0.0 });
            if selection.is_some() {
                self.focus.set(selection);
            }
        });
        Effect::new(move |_| {
            self.version.track();
            let target = self.focus.get().filter(|_| self.focus_visible.get()).and_then(|focus| self.resolve(&focus));
            self.stage().set_focus(target);
        });
        Effect::new(move |_| self.stage().set_theme(view.theme.get().theme));
        Effect::new(move |_| self.stage().pin(self.pinned.get()));
        // Wishes wait until there is a scene to look at.
        Effect::new(move |_| {
            self.version.track();
            let Some(wish) = view.camera_wanted.get() else { return };
            if self.stage().with_scene(|_| ()).is_none() {
                return;
            }
            view.camera_wanted.set(None);
            let stage = self.stage();
            match wish {
                CameraWish::Fit => stage.fit(true),
                CameraWish::Exactly(camera) => stage.go_to(camera),
                CameraWish::Show(key) => stage.show(&key),
            }
        });
    }
}

/// Width of the inspector as a drawer, and of the windows in which it is one (`inspector.css`).
const DRAWER_WIDTH: f32 = 340.0;

fn drawer() -> bool {
    let windows = "(min-width:720px) and (max-width:1279px) and (min-height:520px)";
    window().match_media(windows).ok().flatten().is_some_and(|query| query.matches())
}

/// The main screen: rail, picture or table, inspector, timeline.
#[component]
pub fn MainScreen() -> impl IntoView {
    let view = use_view();
    let picture = Picture::new(view);
    let capture = use_capture();
    provide_context(picture);
    // A camera of the address, or of the last time this screen was open.
    if let Some(camera) = view.camera.get_untracked() {
        view.camera_wanted.set(Some(CameraWish::Exactly(camera)));
    }
    picture.follow(view);
    let ready = move || {
        picture.version.track();
        picture.news.with(|news| news.drawn) && capture.topology.with(Option::is_some)
    };
    view! {
        <div class="app" class:noinsp=move || view.selection.with(Option::is_none)>
            <TopBar/>
            <Rail/>
            <main
                class="main"
                data-testid="main"
                data-ready=move || ready().to_string()
                data-resting=move || picture.news.with(|news| news.resting).to_string()
                data-camera=move || {
                    view.camera.get().map_or("fit".to_owned(), |c| format!("{:.4},{:.1},{:.1}", c.scale, c.x, c.y))
                }
                aria-label=move || match view.screen.get() {
                    Screen::Table => "Table",
                    Screen::Charts => "Charts",
                    _ => "Topology",
                }
            >
                <div class="pane" class:hidden=move || view.screen.get() != Screen::Topology>
                    <div class="picture">
                        <controls::Controls/>
                        <Headline/>
                        <CanvasArea/>
                        <overview::Crumbs/>
                        <overview::Map/>
                    </div>
                    <legend::Legend/>
                </div>
                <Show when=move || view.screen.get() == Screen::Table>
                    <TableView/>
                </Show>
                <Show when=move || view.screen.get() == Screen::Charts>
                    <crate::charts::ChartsView/>
                </Show>
            </main>
            <Later>
                <Inspector/>
                <group::GroupPanel/>
                <TimelinePanel/>
                <StatusBar/>
            </Later>
        </div>
    }
}
