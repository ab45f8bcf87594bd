//! `sim topology`: what a graph is like, as other programs read it, and as a picture.

mod layout;
mod picture;

use super::arguments::{GraphSource, Topology};
use super::exit::{Ended, Exit, Stop};
use super::load;
use super::numbers::count;
use super::terminal::Terminal;
use crate::experiment::prepare;
use crate::network::graph::{Drawn, Graph, GraphStats};
use crate::network::routers::{Delay, Position, RouterFormat, RouterGraph, RoutersConfig, read};
use crate::random::{Purpose, Streams};
use crate::report::number::fixed;
use crate::scenario::in_file;
use serde_json::json;
use std::path::Path;

/// A graph and where it is from.
struct Loaded {
    /// What it is, in words.
    about: String,
    graph: Graph,
    drawn: Drawn,
}

pub(super) fn run(command: &Topology, terminal: &mut Terminal) -> Ended {
    match command {
        Topology::Stats(stats) => {
            let loaded = loaded(&stats.source, terminal)?;
            let mut rng = Streams::new(stats.source.seed).chacha(Purpose::Analysis, 0);
            let found = GraphStats::of(&loaded.graph, &mut rng);
            let text = if stats.json {
                format!("{:#}", document(&loaded, &found))
            } else {
                table(&loaded, &found)
            };
            terminal.line(text.trim_end())?;
        }
        Topology::Export(export) => {
            let loaded = loaded(&export.source, terminal)?;
            let text = loaded.drawn.export(export.format.into());
            match &export.out {
                Some(file) => write(file, &text)?,
                None => terminal.text(&text)?,
            }
        }
        Topology::Draw(draw) => {
            let loaded = loaded(&draw.source, terminal)?;
            write(&draw.out, &picture::svg(&loaded.drawn, &loaded.about))?;
        }
    }
    Ok(Exit::Fine)
}

fn write(file: &Path, text: &str) -> Result<(), Stop> {
    std::fs::write(file, text).map_err(|error| {
        let message = format!("cannot write {}: {error}", file.display());
        Stop::error(Exit::Unexpected, message)
    })
}

/// The overlay of a scenario's first point (its routers, if it has no overlay), or a graph file.
fn loaded(source: &GraphSource, terminal: &Terminal) -> Result<Loaded, Stop> {
    let path = &source.file;
    let label = path.display().to_string();
    let scenario = path.extension().is_some_and(|ending| ending == "toml");
    if !scenario {
        let text = std::fs::read_to_string(path)
            .map_err(|error| Stop::error(Exit::Usage, format!("cannot read {label}: {error}")))?;
        // Of a list of links only the names are wanted, unless it is said to have delays.
        let known = source.input.map(RouterFormat::from);
        let format = known.or_else(|| match RoutersConfig::of(&label).format() {
            Some(RouterFormat::EdgeList) => Some(RouterFormat::Links),
            other => other,
        });
        let format = format.ok_or_else(|| {
            let message =
                format!("what is in {label}? Add --input gml, graphml, links, inet or rocketfuel");
            Stop::error(Exit::Usage, message)
        })?;
        return routers(&label, &text, format, terminal);
    }
    let plan = load::plan(path, &source.sets, terminal)?;
    let wrong =
        |error: &dyn std::fmt::Display| Stop::error(Exit::Usage, format!("{label}: {error}"));
    let Some(point) = plan.scenario.points.first() else {
        return Err(wrong(&"no point to run"));
    };
    let settings = &point.body;
    if let Some(topology) = settings.topology.as_ref().filter(|_| !source.routers) {
        let setup = prepare(settings, &plan.files, source.seed).map_err(|error| wrong(&error))?;
        let mut rng = Streams::new(source.seed).chacha(Purpose::Topology, 0);
        let graph = topology.placed(setup.population.len(), &plan.files, &mut rng);
        let (graph, places) = graph.map_err(|error| wrong(&error))?;
        let mut drawn = Drawn::from(&graph);
        for (place, [x, y]) in drawn.places.iter_mut().zip(places) {
            *place = Some(Position::Plane { x, y });
        }
        let about = format!("{label}, overlay, seed {}", source.seed);
        return Ok(Loaded {
            about,
            graph,
            drawn,
        });
    }
    let Some(config) = &settings.network.routers else {
        let missing = if source.routers {
            "no `network.routers`"
        } else {
            "neither `topology` nor `network.routers`"
        };
        return Err(wrong(&format!("{missing}: no graph to look at")));
    };
    let Some(file) = &config.file else {
        let graph = config.graph(&plan.files, &Streams::new(source.seed));
        let graph = graph.map_err(|error| wrong(&error))?;
        return Ok(Loaded {
            about: format!("{label}, generated routers, seed {}", source.seed),
            graph: graph.shape(false),
            drawn: drawn(&graph),
        });
    };
    let text = plan.files.get("network.routers.file", file);
    let text = text.map_err(|error| wrong(&error))?;
    let format = config.format().unwrap_or(RouterFormat::EdgeList);
    routers(file, text, format, terminal)
}

fn routers(
    label: &str,
    text: &str,
    format: RouterFormat,
    terminal: &Terminal,
) -> Result<Loaded, Stop> {
    let graph = read(format, text).map_err(|error| {
        let problems = in_file(label, text, error.line, error.column, &error.message);
        load::problems_said(&problems, terminal)
    })?;
    let lines = graph.link_count();
    Ok(Loaded {
        about: format!("{label}, {} links in the file", count(lines as u64)),
        graph: graph.shape(false),
        drawn: drawn(&graph),
    })
}

fn drawn(graph: &RouterGraph) -> Drawn {
    let delay = |delay: Option<Delay>| match delay {
        Some(Delay::Time(time)) => Some(time.to_string()),
        _ => None,
    };
    Drawn {
        names: graph.routers().map(|router| router.name.clone()).collect(),
        labels: graph
            .routers()
            .map(|router| router.label.as_ref().unwrap_or(&router.name).clone())
            .collect(),
        places: graph.routers().map(|router| router.position).collect(),
        links: graph
            .links()
            .map(|(a, b, link)| (a, b, delay(link.delay)))
            .collect(),
        directed: graph.is_directed(),
    }
}

fn table(loaded: &Loaded, stats: &GraphStats) -> String {
    let whole = |number: u64| count(number);
    let (low, high) = stats.extremes();
    let largest = stats.components.first().copied().unwrap_or(0);
    let mut rows = vec![
        ("graph", loaded.about.clone()),
        ("nodes", whole(stats.peers.into())),
        ("links", whole(stats.links as u64)),
        (
            "degree",
            format!("mean {}, from {low} to {high}", fixed(stats.mean_degree, 3)),
        ),
        (
            "components",
            format!(
                "{}; the largest has {}",
                whole(stats.components.len() as u64),
                whole(largest.into())
            ),
        ),
        (
            "clustering",
            format!(
                "{} (mean over nodes); transitivity {}; {} triangles",
                fixed(stats.clustering, 4),
                fixed(stats.transitivity, 4),
                whole(stats.triangles)
            ),
        ),
    ];
    let of = "of the largest component";
    let (paths, diameter) = match stats.paths.sampled {
        None => (String::new(), format!("{}, {of}", stats.paths.longest)),
        Some(sources) => (
            format!(", sampled from {sources} nodes"),
            format!("at least {}, {of}, by the same sample", stats.paths.longest),
        ),
    };
    rows.push((
        "paths",
        format!("mean {} links, {of}{paths}", fixed(stats.paths.mean, 3)),
    ));
    rows.push(("diameter", diameter));
    let lines: Vec<String> = (rows.iter())
        .map(|(name, value)| format!("{name:<12}{value}\n"))
        .collect();
    lines.concat() + "\n" + &degrees(stats)
}

/// The degree distribution: one line a degree, or by powers of two if there are many.
fn degrees(stats: &GraphStats) -> String {
    let mut bins: Vec<(usize, usize, u64)> = Vec::new();
    let single = stats.degrees.len() <= 12;
    for &(degree, peers) in &stats.degrees {
        let (low, high) = if single || degree == 0 {
            (degree, degree)
        } else {
            let low = 1 << degree.ilog2();
            (low, 2 * low - 1)
        };
        match bins.last_mut() {
            Some(last) if last.0 == low => last.2 += u64::from(peers),
            _ => bins.push((low, high, peers.into())),
        }
    }
    let head = format!("{:<12}{:>10}  share\n", "degree", "nodes");
    let line = |(low, high, peers): (usize, usize, u64)| {
        let name = if low == high {
            low.to_string()
        } else {
            format!("{low}-{high}")
        };
        let share = 100.0 * peers as f64 / f64::from(stats.peers).max(1.0);
        format!("{name:<12}{:>10}  {} %\n", count(peers), fixed(share, 1))
    };
    let lines: Vec<String> = bins.into_iter().map(line).collect();
    head + &lines.concat()
}

fn document(loaded: &Loaded, stats: &GraphStats) -> serde_json::Value {
    json!({
        "graph": loaded.about,
        "nodes": stats.peers,
        "links": stats.links,
        "mean_degree": stats.mean_degree,
        "degrees": stats.degrees,
        "components": stats.components,
        "clustering": stats.clustering,
        "transitivity": stats.transitivity,
        "triangles": stats.triangles,
        "mean_path": stats.paths.mean,
        "longest_path": stats.paths.longest,
        "paths_sampled_from": stats.paths.sampled,
    })
}
