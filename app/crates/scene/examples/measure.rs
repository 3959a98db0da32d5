//! Measures layout, display, hit testing and painting of an estate of 5,000 nodes and 200,000 pods natively:
//! `cargo run --release -p underlay-scene --example measure`.

use std::sync::Arc;
use std::time::Instant;
use underlay_scene::paint::SoftPainter;
use underlay_scene::{Arrangement, Grouping, Insets, Layers, Palette, Point, Scene, Size, View, fixture};

fn timed<T>(name: &str, mut work: impl FnMut() -> T) -> T {
    let mut times = Vec::new();
    let mut result = None;
    for _ in 0..9 {
        let start = Instant::now();
        result = Some(work());
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    println!("{name}: median {:.3} ms, worst {:.3} ms", times[times.len() / 2], times[times.len() - 1]);
    result.expect("the work ran")
}

fn main() {
    let topology = fixture::cluster(&[("system", 30, 43), ("apps", 4200, 43), ("batch", 770, 43)], 12);
    println!("{} things, {} edges", topology.entities.len(), topology.edges.len());
    let topology = Arc::new(topology);
    let mut scene = timed("scene of a topology", || Scene::new(Arc::clone(&topology), Layers::default()));
    timed("update with other numbers", || scene.update(Arc::clone(&topology)));
    timed("another grouping and back", || {
        let grouped = Arrangement { grouping: Grouping::Namespace, ..Arrangement::default() };
        scene.arrange(grouped) && scene.arrange(Arrangement::default())
    });
    let viewport = Size::new(1440.0, 900.0);
    let fit = scene.fit(viewport, Insets::default());
    let palette = Palette::dark();
    let mut painter = SoftPainter::new(1440, 900);
    for (name, factor) in [("everything", 1.0), ("cells", 4.0), ("named", 9.0), ("rows", 16.0), ("cards", 24.0)] {
        let camera = fit.zoomed(factor, Point::new(700.0, 400.0));
        let view = View { camera, viewport, ..View::default() };
        let list = timed(&format!("display, {name}"), || scene.display(&view));
        timed(&format!("paint, {name}"), || painter.paint(&list.cells, &palette, 1.0));
        timed(&format!("1,000 hits, {name}"), || {
            (0..1000).filter(|i| scene.hit(&view, &list, Point::new(*i as f32, 450.0)).is_some()).count()
        });
        println!(
            "  {:?}, {} blocks, {} runs, {} primitives",
            list.level,
            list.cells.blocks.len(),
            list.cells.runs.len(),
            list.under.len() + list.over.len()
        );
    }
}
