//! What is written in the picture can be read: no two texts lie on one another, and none is smaller than the design allows, at any
//! zoom, in any window, in any arrangement.

use proptest::prelude::*;
use underlay_scene::primitive::{Anchor, Primitive, TextRun};
use underlay_scene::{
    Arrangement, Camera, Grouping, Insets, Level, Point, Rect, Scene, Size, Target, View, fixture, units,
};

/// Nothing is written smaller, in pixels (design, section 4).
const SMALLEST: f32 = 10.5;

/// The part of a text that letters take: from the height of small letters to the baseline, as wide as it is drawn.
fn place(run: &TextRun) -> Rect {
    let width = units::text_width(&run.text, run.size, run.mono).min(if run.room > 0.0 { run.room } else { f32::MAX });
    let x = match run.anchor {
        Anchor::Start => run.x,
        Anchor::Middle => run.x - width / 2.0,
        Anchor::End => run.x - width,
    };
    // Fonts differ by a few hundredths of their width.
    Rect::new(x + width * 0.02, run.y - run.size * 0.62, width * 0.96, run.size * 0.62)
}

/// Texts that lie on one another in what a view shows.
fn overlapping(scene: &Scene, view: &View) -> Vec<String> {
    let list = scene.display(view);
    let window = Rect::new(0.0, 0.0, view.viewport.width, view.viewport.height);
    // What is painted over a text hides it.
    let mut texts: Vec<(Rect, &TextRun)> = Vec::new();
    for primitive in list.under.iter().chain(&list.over) {
        match primitive {
            Primitive::Text(run) => texts.push((place(run), run)),
            Primitive::Rect { rect, paint, .. } if paint.fill.is_some() && paint.opacity >= 1.0 => {
                texts.retain(|(text, _)| !rect.encloses(text));
            }
            _ => {}
        }
    }
    texts.retain(|(rect, _)| rect.overlaps(&window));
    let mut found = Vec::new();
    for (i, (rect, run)) in texts.iter().enumerate() {
        if run.size < SMALLEST {
            found.push(format!("{:?} is {} px", run.text, run.size));
        }
        for (other, beside) in &texts[i + 1..] {
            if rect.overlaps(other) {
                found.push(format!("{:?} at {rect:?} on {:?} at {other:?}", run.text, beside.text));
            }
        }
    }
    found
}

/// A picture by numbers, so that a failure says which one it was in a line.
fn scene_of(
    (which, system, apps, pods, instances): (u8, u32, u32, u32, u32),
    grouping: Grouping,
    services: bool,
) -> Scene {
    let topology = match which {
        0 => fixture::lab(),
        1 => fixture::lab_with_services(),
        2 => fixture::cluster_120(),
        _ => fixture::cluster(&[("system", system, pods / 2), ("apps", apps, pods)], instances),
    };
    Scene::arranged(topology, Arrangement { grouping, services, ..Arrangement::default() })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_two_texts_lie_on_one_another(
        of in (0u8..6, 1u32..9, 0u32..30, 0u32..60, 0u32..9),
        grouping in 0..Grouping::ALL.len(),
        services in any::<bool>(),
        width in 320f32..2600.0,
        height in 240f32..1500.0,
        zoom in -2.5f32..6.0,
        at in (0f32..1.0, 0f32..1.0),
        selected in any::<proptest::sample::Index>(),
        selects in any::<bool>(),
        level in proptest::option::weighted(0.2, 0..Level::ALL.len()),
    ) {
        let scene = scene_of(of, Grouping::ALL[grouping], services);
        let viewport = Size::new(width.round(), height.round());
        let fit = scene.fit(viewport, Insets::default());
        let camera: Camera = fit.zoomed(zoom.exp2(), Point::new(at.0 * width, at.1 * height));
        let selection = selects.then(|| Target::Entity(selected.index(scene.things().count()) as u32));
        let view = View { camera, viewport, selection, pinned: level.map(|at| Level::ALL[at]), ..View::default() };
        let found = overlapping(&scene, &view);
        prop_assert!(found.is_empty(), "{} of {:?} at {:?}: {:#?}", found.len(), scene.display(&view).level, camera, &found[..found.len().min(6)]);
    }
}
