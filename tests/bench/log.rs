//! Writes the flow log that is measured: `cargo run --release -p underlay-tests --example bench_log -- BYTES FOLDER [SEED]`.

use underlay_lab::directory::Directory;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(bytes), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err("BYTES and FOLDER are missing".into());
    };
    let seed = arguments.next().map_or(Ok(1), |seed| seed.parse())?;
    let stats = underlay_lab::bench_log(bytes.parse()?, seed, &mut Directory::create(folder)?)?;
    println!("{} bytes, {} tuples", stats.bytes, stats.tuples);
    Ok(())
}
