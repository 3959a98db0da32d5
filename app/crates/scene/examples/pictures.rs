//! Writes pictures of the fixtures as SVG files into a folder, to be looked at: `cargo run -p underlay-scene --example pictures -- DIR`.

use underlay_model::view::EntityKey;
use underlay_scene::timeline::{self, TimelineView};
use underlay_scene::{
    Arrangement, Camera, Grouping, Insets, Layers, Palette, Point, Scene, Size, Target, View, fixture, svg,
};

fn main() -> std::io::Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let viewport = Size::new(836.0, 612.0);
    let write = |name: &str, text: String| std::fs::write(format!("{folder}/{name}.svg"), text);
    for (theme, palette) in [("dark", Palette::dark()), ("light", Palette::light())] {
        let lab = Scene::new(fixture::lab(), Layers::default());
        let pod = lab.find(&EntityKey("pod:yada/yadaapi-5f9f964f75-2tnc8".to_owned())).map(Target::Entity);
        let camera = lab.fit(viewport, Insets::default());
        let view = View { camera, viewport, selection: pod, headline: true, ..View::default() };
        write(&format!("lab-{theme}"), svg::document(&lab.display(&view), viewport, &palette))?;
        let cluster = Scene::new(fixture::cluster_120(), Layers::default());
        let size = Size::new(852.0, 694.0);
        let camera = cluster.fit(size, Insets::default());
        let view = View { camera, viewport: size, headline: true, ..View::default() };
        write(&format!("cluster-{theme}"), svg::document(&cluster.display(&view), size, &palette))?;
    }
    let palette = Palette::dark();
    let draw = |name: &str, scene: &Scene, camera: Camera, select: Option<&str>| {
        let selection = select.and_then(|key| scene.find(&EntityKey(key.to_owned()))).map(Target::Entity);
        let view = View { camera, viewport, selection, ..View::default() };
        write(name, svg::document(&scene.display(&view), viewport, &palette))
    };
    let lab = Scene::new(fixture::lab(), Layers::default());
    draw("lab-none", &lab, lab.fit(viewport, Insets::default()), None)?;
    for (name, scale) in [("30", 0.3), ("50", 0.5), ("75", 0.75), ("180", 1.8)] {
        let camera = Camera { x: 0.0, y: 0.0, scale };
        draw(&format!("lab-{name}"), &lab, camera, None)?;
    }
    let cluster = Scene::new(fixture::cluster_120(), Layers::default());
    let anchor = Point::new(420.0, 200.0);
    for factor in [0.45, 2.3, 4.0, 6.0, 11.0] {
        let camera = cluster.fit(viewport, Insets::default()).zoomed(factor, anchor);
        draw(&format!("cluster-x{factor}"), &cluster, camera, None)?;
    }
    draw("cluster-instance", &cluster, cluster.fit(viewport, Insets::default()), Some("instance:10.13.100.5"))?;
    draw(
        "cluster-node",
        &cluster,
        cluster.fit(viewport, Insets::default()),
        Some("node:aks-apps-30661543-vmss000030"),
    )?;
    let middle = Scene::new(fixture::cluster(&[("system", 2, 14), ("apps", 3, 22)], 2), Layers::default());
    draw("five", &middle, middle.fit(viewport, Insets::default()), None)?;
    let fifteen = Scene::new(fixture::cluster(&[("apps", 15, 40)], 3), Layers::default());
    draw("fifteen", &fifteen, fifteen.fit(viewport, Insets::default()), None)?;
    let estate = Scene::new(
        fixture::cluster(&[("system", 30, 40), ("apps", 4200, 40), ("batch", 770, 40)], 12),
        Layers::default(),
    );
    draw("estate", &estate, estate.fit(viewport, Insets::default()), None)?;
    let arranged = |grouping, services, collapsed: &[&str]| Arrangement {
        grouping,
        services,
        collapsed: collapsed.iter().map(|key| EntityKey((*key).to_owned())).collect(),
        ..Arrangement::default()
    };
    for grouping in Grouping::ALL {
        for (name, topology) in [
            ("lab", fixture::lab_with_services()),
            ("cluster", fixture::cluster_120()),
            ("five", fixture::cluster(&[("system", 2, 14), ("apps", 3, 22)], 2)),
        ] {
            let scene = Scene::arranged(topology, arranged(grouping, false, &[]));
            draw(&format!("by-{}-{name}", grouping.label()), &scene, scene.fit(viewport, Insets::default()), None)?;
        }
    }
    let services = Scene::arranged(fixture::lab_with_services(), arranged(Grouping::Place, true, &[]));
    draw("services", &services, services.fit(viewport, Insets::default()), None)?;
    let pod = "pod:yada/yadaapi-5f9f964f75-2tnc8";
    draw("services-pod", &services, services.fit(viewport, Insets::default()), Some(pod))?;
    let folded = Scene::arranged(
        fixture::lab_with_services(),
        arranged(Grouping::Place, false, &["node:aks-nodepool1-30661543-vmss000000"]),
    );
    draw("folded-lab", &folded, folded.fit(viewport, Insets::default()), None)?;
    let folded = Scene::arranged(fixture::cluster_120(), arranged(Grouping::Zone, false, &["zone:Node subnet/1"]));
    draw("folded-cluster", &folded, folded.fit(viewport, Insets::default()), Some("zone:Node subnet/2"))?;
    let fields = Scene::arranged(fixture::cluster_120(), arranged(Grouping::Namespace, false, &["namespace:batch/"]));
    let camera = fields.fit(viewport, Insets::default());
    draw("fields", &fields, camera, Some("namespace:search/"))?;
    draw("fields-near", &fields, camera.zoomed(14.0, anchor), None)?;
    let timeline = fixture::lab_timeline();
    let range = underlay_model::view::MinuteRange { first: timeline.first + 20, last: timeline.first + 49 };
    let tracks = TimelineView {
        range: Some(range),
        selection: true,
        hover: Some(timeline.first + 26),
        ..TimelineView::default()
    };
    let size = Size::new(836.0, 106.0);
    write(
        "timeline",
        svg::of_primitives(
            &timeline::picture(&timeline, tracks, underlay_model::time::Clock::UTC, size).primitives,
            size,
            &palette,
        ),
    )
}
