//! Golden pictures: the reference painter's bytes for the 120-node cluster at several levels in both themes, and the SVG text of
//! the lab. `UPDATE_GOLDEN=1` writes them anew; look at them before committing.

use std::path::PathBuf;
use underlay_model::view::EntityKey;
use underlay_scene::paint::SoftPainter;
use underlay_scene::{Insets, Layers, Palette, Point, Scene, Size, Target, View, fixture, svg};

fn golden(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

fn update() -> bool {
    std::env::var_os("UPDATE_GOLDEN").is_some()
}

fn write_png(name: &str, width: u32, height: u32, pixels: &[u8]) {
    let file = std::fs::File::create(golden(name)).expect("the folder of golden pictures can be written");
    let mut encoder = png::Encoder::new(std::io::BufWriter::new(file), width, height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_compression(png::Compression::High);
    encoder.write_header().and_then(|mut writer| writer.write_image_data(pixels)).expect("a picture can be written");
}

fn read_png(name: &str) -> Vec<u8> {
    let file = std::fs::File::open(golden(name)).expect("a golden picture; UPDATE_GOLDEN=1 writes it");
    let mut reader = png::Decoder::new(std::io::BufReader::new(file)).read_info().expect("a PNG file");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a small picture")];
    reader.next_frame(&mut pixels).expect("a whole picture");
    pixels
}

#[test]
fn cells_are_painted_to_the_byte() {
    let scene = Scene::new(fixture::cluster_120(), Layers::default());
    let viewport = Size::new(640.0, 480.0);
    for (theme, palette) in [("dark", Palette::dark()), ("light", Palette::light())] {
        for (name, factor) in [("block", 0.4), ("cells", 1.0), ("named", 2.4)] {
            let camera = scene.fit(viewport, Insets::default()).zoomed(factor, Point::new(300.0, 120.0));
            let list = scene.display(&View { camera, viewport, ..View::default() });
            let mut painter = SoftPainter::new(640, 480);
            painter.paint(&list.cells, &palette, 1.0);
            let file = format!("cells-{name}-{theme}.png");
            if update() {
                write_png(&file, 640, 480, painter.pixels());
            }
            assert!(painter.pixels() == read_png(&file), "{file} differs from what is painted");
        }
    }
}

#[test]
fn the_lab_is_drawn_as_it_was() {
    let scene = Scene::new(fixture::lab(), Layers::default());
    let viewport = Size::new(836.0, 612.0);
    let selection = scene.find(&EntityKey("pod:yada/yadaapi-5f9f964f75-2tnc8".to_owned())).map(Target::Entity);
    let view =
        View { camera: scene.fit(viewport, Insets::default()), viewport, selection, headline: true, ..View::default() };
    let list = scene.display(&view);
    for (theme, palette) in [("dark", Palette::dark()), ("light", Palette::light())] {
        let (path, text) = (golden(&format!("lab-{theme}.svg")), svg::document(&list, viewport, &palette));
        if update() {
            std::fs::write(&path, &text).expect("the folder of golden pictures can be written");
        }
        let before = std::fs::read_to_string(&path).expect("a golden picture; UPDATE_GOLDEN=1 writes it");
        assert!(before == text, "lab-{theme}.svg differs from what is drawn");
    }
}
