//! One chart of each kind from made-up data, drawn to `target/charts` for the eye, and checked by
//! its numbers and its structure.

use super::*;
use crate::random::{Draw, Purpose, Streams};
use crate::report::results::examples::eclipse;
use std::fs;
use std::path::PathBuf;

/// Writes a chart where a person can look at it, and checks what holds for every chart.
fn keep(name: &str, chart: &Chart) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/charts");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(format!("{name}.svg")), &chart.svg).unwrap();
    let png = chart.png().unwrap();
    assert!(png.starts_with(b"\x89PNG"));
    fs::write(folder.join(format!("{name}.png")), png).unwrap();
    // Every element is closed: by a tag of its own (two brackets) or by itself (one).
    let [brackets, ends, alone] = ["<", "</", "/>"].map(|s| chart.svg.matches(s).count());
    assert_eq!(brackets, 2 * ends + alone);
    assert!(chart.svg.contains("<title>") && chart.svg.contains("<desc>"));
    assert!(chart.svg.contains("Inter, Helvetica, Arial, sans-serif"));
    inside(chart);
}

/// No text is cut by the edge, and no two texts lie over each other.
fn inside(chart: &Chart) {
    use canvas::{Anchor, Shape, text_width};
    let mut boxes: Vec<(f64, f64, f64, f64, &str)> = Vec::new();
    for shape in &chart.canvas.shapes {
        let Shape::Text {
            at: (x, y),
            text,
            size,
            bold,
            anchor,
            turned,
            ..
        } = shape
        else {
            continue;
        };
        let width = text_width(text, *size, *bold);
        let start = match anchor {
            Anchor::Start => 0.0,
            Anchor::Middle => -width / 2.0,
            Anchor::End => -width,
        };
        let (up, down) = (0.75 * size, 0.2 * size);
        let area = if *turned {
            (
                x - up,
                y - start - width,
                x + down,
                y - start,
                text.as_str(),
            )
        } else {
            (
                x + start,
                y - up,
                x + start + width,
                y + down,
                text.as_str(),
            )
        };
        assert!(area.0 >= 0.0 && area.1 >= 0.0, "{text} is cut: {area:?}");
        assert!(
            area.2 <= chart.canvas.width && area.3 <= chart.canvas.height,
            "{text} is cut: {area:?}"
        );
        for other in &boxes {
            let apart =
                area.0 >= other.2 || other.0 >= area.2 || area.1 >= other.3 || other.1 >= area.3;
            assert!(apart, "\"{}\" lies over \"{}\"", area.4, other.4);
        }
        boxes.push(area);
    }
}

fn caption(title: &str, note: &str) -> Caption {
    Caption {
        title: title.into(),
        note: note.into(),
    }
}

fn axis(label: &str, unit: &str, log: bool) -> Axis {
    Axis {
        label: label.into(),
        unit: unit.into(),
        log,
    }
}

fn sample_lines() -> Lines {
    let sweep = [8.0, 12.0, 16.0, 24.0, 32.0, 64.0];
    let line = |name: &str, scale: f64| Line {
        name: name.into(),
        points: sweep
            .iter()
            .map(|&x| {
                let y = 1.0 - crate::math::exp(-x / scale);
                let half = 2.5 * (y * (1.0 - y) / 40.0).sqrt();
                Point {
                    x,
                    y,
                    low: (y - half).max(0.0),
                    high: (y + half).min(1.0),
                }
            })
            .collect(),
    };
    Lines {
        caption: caption(
            "How many address groups cut a Bitcoin node off?",
            "Share of restarts eclipsed; mean of 20 runs, band: 95 % interval",
        ),
        x: axis("/16 groups the attacker owns", "", false),
        y: axis("eclipsed restarts", "share", false),
        ticks: sweep.iter().map(|x| (*x, x.to_string())).collect(),
        lines: vec![
            line("Bitcoin Core 0.9.3", 14.0),
            line("0.10.1, feelers", 45.0),
            line("0.10.1, test before evict", 160.0),
        ],
        levels: vec![Level {
            name: "expected: below 20 %".into(),
            value: 0.2,
            at: Vec::new(),
        }],
        ..Lines::default()
    }
}

#[test]
fn lines() {
    let chart = sample_lines().draw().unwrap();
    keep("lines", &chart);
    assert_eq!(chart.csv.lines().count(), 1 + 18);
    assert_eq!(
        chart,
        sample_lines().draw().unwrap(),
        "the same bytes again"
    );
    let log = Lines {
        caption: caption(
            "Hops grow with the logarithm of the network",
            "Mean of 10 runs, band: 95 % interval",
        ),
        x: axis("peers", "", true),
        y: axis("hops", "", false),
        lines: [
            ("k = 1", 0.5),
            ("k = 8", 0.23),
            ("k = 20", 0.185),
            ("k = 40", 0.15),
        ]
        .iter()
        .map(|(name, slope)| Line {
            name: (*name).into(),
            points: [1e2, 1e3, 1e4, 1e5, 1e6]
                .iter()
                .map(|&x| {
                    let y = slope * crate::math::log2(x);
                    Point {
                        x,
                        y,
                        low: y * 0.96,
                        high: y * 1.04,
                    }
                })
                .collect(),
        })
        .collect(),
        ..Lines::default()
    };
    keep("lines-log", &log.draw().unwrap());
    let both = Lines {
        y: axis("hops", "", true),
        ..log
    };
    keep("lines-log-log", &both.draw().unwrap());
    let names = [
        "flood",
        "gossip with fanout 4",
        "Plumtree over HyParView",
        "GossipSub v1.1",
    ];
    let categories = Lines {
        caption: caption("Bytes on the wire per broadcast and peer", ""),
        x: axis("strategy", "", false),
        y: axis("bytes per peer", "B", true),
        categories: names.map(String::from).to_vec(),
        lines: vec![Line {
            name: "any".into(),
            points: [9.1e6, 4.2e6, 1.1e6, 1.3e6]
                .iter()
                .zip([0.0, 1.0, 2.0, 3.0])
                .map(|(&y, x)| Point {
                    x,
                    y,
                    low: 0.8 * y,
                    high: 1.2 * y,
                })
                .collect(),
        }],
        ..Lines::default()
    };
    let chart = categories.draw().unwrap();
    keep("lines-categories", &chart);
    assert!(
        chart.csv.contains("any,flood,9100000,7280000,10920000"),
        "{}",
        chart.csv
    );
}

#[test]
fn bars() {
    let bars = |values: &[f64]| -> Vec<Bar> {
        values
            .iter()
            .map(|&value| Bar {
                value,
                low: value * 0.9,
                high: value * 1.1,
            })
            .collect()
    };
    let chart = Bars {
        caption: caption(
            "Time to the last peer depends more on the overlay than on the latency preset of the year",
            "Mean of 20 runs, whiskers: 95 % interval",
        ),
        x: "latency preset".into(),
        y: axis("time to the last peer", "s", false),
        categories: ["bitcoin-2015", "bitcoin-2019", "constant 50 ms"]
            .map(String::from)
            .to_vec(),
        groups: vec![
            BarGroup {
                name: "flood".into(),
                bars: bars(&[0.61, 0.55, 0.3]),
            },
            BarGroup {
                name: "gossip".into(),
                bars: bars(&[0.9, 0.82, 0.41]),
            },
            BarGroup {
                name: "Plumtree".into(),
                bars: bars(&[0.8, f64::NAN, 0.38]),
            },
            BarGroup {
                name: "GossipSub".into(),
                bars: bars(&[0.7, 0.66, 0.33]),
            },
        ],
        ..Bars::default()
    };
    let chart = chart.draw().unwrap();
    keep("bars", &chart);
    assert!(
        chart.csv.contains("Plumtree,bitcoin-2019,,,\n"),
        "{}",
        chart.csv
    );
}

#[test]
fn ecdf() {
    let mut rng = Streams::new(5).chacha(Purpose::Analysis, 30);
    let mut sample = |name: &str, median: f64, spread: f64, censored| {
        let mut values: Vec<f64> = (0..5000)
            .map(|_| median * crate::math::exp(spread * rng.normal()))
            .collect();
        values.sort_unstable_by(f64::total_cmp);
        Distribution {
            name: name.into(),
            values,
            censored,
        }
    };
    let distributions = vec![
        sample("Kademlia, k = 20", 0.25, 0.6, 0),
        sample("Kademlia, k = 8", 0.35, 0.8, 150),
        sample("Chord", 0.6, 0.5, 900),
    ];
    let chart = Ecdf {
        caption: caption(
            "Lookups under churn",
            "All lookups of 20 runs; dashed: not answered by the deadline",
        ),
        x: axis("lookup time", "s", true),
        of: "share of lookups".into(),
        distributions,
    };
    let drawn = chart.draw().unwrap();
    keep("ecdf-log", &drawn);
    let last_share = |csv: &str, name: &str| -> f64 {
        let line = csv.lines().rfind(|l| l.starts_with(name)).unwrap();
        line.rsplit(',').next().unwrap().parse().unwrap()
    };
    assert!((last_share(&drawn.csv, "Chord") - 5000.0 / 5900.0).abs() < 1e-12);
    assert!(drawn.csv.lines().count() < 4000, "thinned");
    let linear = Ecdf {
        x: axis("lookup time", "s", false),
        ..chart
    };
    keep("ecdf", &linear.draw().unwrap());
}

#[test]
fn series() {
    let results = eclipse(5);
    let line = |name: &str, point: &crate::report::PointResult| {
        let runs: Vec<_> = point
            .sorted_runs()
            .iter()
            .map(|(_, r)| r.series[0].points.clone())
            .collect();
        let points = (0..runs[0].len()).map(|i| {
            let values: Vec<f64> = runs.iter().map(|r| r[i].1).collect();
            let summary = crate::math::stats::Summary::of(&values);
            Point {
                x: runs[0][i].0,
                y: summary.mean,
                low: summary.min,
                high: summary.max,
            }
        });
        Line {
            name: name.into(),
            points: points.collect(),
        }
    };
    let points = results.sorted_points();
    let chart = Series {
        caption: caption(
            "Poisoned entries of the tried table",
            "Mean of 5 runs, band: smallest to largest",
        ),
        x: axis("simulated time", "s", false),
        y: axis("poisoned entries", "share", false),
        lines: vec![line("classic", points[2]), line("hardened", points[5])],
        levels: Vec::new(),
    };
    let chart = chart.draw().unwrap();
    keep("series", &chart);
    assert_eq!(chart.csv.lines().count(), 1 + 2 * 61);
}

#[test]
fn frontier() {
    let reach = |mean: f64, by: f64| Reach {
        mean,
        low: mean - by,
        high: mean + by,
    };
    let trail = |name: &str, spots: [(f64, f64, bool); 3]| Trail {
        name: name.into(),
        spots: ["10 min", "30 min", "2 h"]
            .into_iter()
            .zip(spots)
            .map(|(label, (x, y, is_best))| Spot {
                x: reach(x, 4.0),
                y: reach(y, 0.02),
                label: label.into(),
                is_best,
            })
            .collect(),
    };
    let chart = Frontier {
        caption: caption("Success for its price", "whiskers: 95 % interval"),
        x: axis("maintenance bytes", "B/s", false),
        y: axis("success", "share", false),
        trails: vec![
            trail(
                "chord",
                [(40.0, 0.6, true), (42.0, 0.8, true), (44.0, 0.95, true)],
            ),
            trail(
                "kademlia",
                [(300.0, 0.7, true), (120.0, 0.9, true), (60.0, 0.94, false)],
            ),
        ],
    };
    let drawn = chart.draw().unwrap();
    keep("frontier", &drawn);
    assert_eq!(drawn.csv.lines().count(), 1 + 6);
    assert!(drawn.csv.contains("kademlia,2 h,60,56,64,0.94,"));
    assert!(Frontier::default().draw().is_err());
}

#[test]
fn odd_data_are_drawn_or_refused() {
    assert_eq!(
        Lines::default().draw(),
        Err(ChartError::Empty(String::new()))
    );
    assert!(Bars::default().draw().is_err() && Ecdf::default().draw().is_err());
    let nan = Point {
        x: 1.0,
        y: f64::NAN,
        low: f64::NAN,
        high: f64::NAN,
    };
    let line = |points: Vec<Point>| Lines {
        caption: caption("<odd> & \u{1}\"quoted\"", "a < b"),
        lines: vec![Line {
            name: "x".into(),
            points,
        }],
        ..Lines::default()
    };
    assert!(line(vec![nan]).draw().is_err());
    let one = Point {
        x: 3.0,
        y: 0.0,
        ..nan
    };
    let chart = line(vec![nan, one]).draw().unwrap();
    keep("one-point", &chart);
    assert!(
        chart
            .svg
            .contains("<title>&lt;odd&gt; &amp;  \"quoted\"</title>"),
        "{}",
        &chart.svg[..300]
    );
    let huge = line(vec![
        Point { y: -1e12, ..one },
        Point {
            x: 4.0,
            y: 1e-9,
            ..one
        },
    ]);
    keep("huge", &huge.draw().unwrap());
}

/// With every option at once nothing collides: ten series, long names, long labels.
#[test]
fn crowded_charts_stay_readable() {
    let long = "a name that somebody made up without a thought of legends";
    let mut lines = sample_lines();
    lines.lines = (0..10u32)
        .map(|i| Line {
            name: if i == 4 {
                long.into()
            } else {
                format!("variant {i}")
            },
            points: (0..12u32)
                .map(|x| {
                    let y = f64::from(x * (i + 1)) / 140.0;
                    Point {
                        x: f64::from(x) * 5.0,
                        y,
                        low: y,
                        high: y,
                    }
                })
                .collect(),
        })
        .collect();
    lines.ticks = (0..60u32).map(|x| (f64::from(x), x.to_string())).collect();
    lines.x.label = long.repeat(2);
    lines.y.label = long.repeat(2);
    lines.caption.title = long.repeat(2);
    keep("crowded", &lines.draw().unwrap());
}

/// FNV-1a.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| {
        (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3)
    })
}

/// The same bytes on every machine. A deliberate change of the style changes this number, and with
/// it every committed chart.
#[test]
fn the_bytes_of_a_picture_are_pinned() {
    let chart = sample_lines().draw().unwrap();
    assert_eq!(
        hash(&chart.svg),
        0x057c_b91e_8750_1c6f,
        "{:#x}",
        hash(&chart.svg)
    );
}

proptest::proptest! {
    /// Whatever a broken metric delivers is drawn or refused, never a panic, and no place is off
    /// the canvas.
    #[test]
    fn any_numbers_can_be_plotted(
        numbers in proptest::collection::vec(proptest::num::f64::ANY, 0..12),
        log in proptest::bool::ANY,
        unit in proptest::sample::select(vec!["", "s", "B", "share"]),
    ) {
        let points = numbers.chunks(4).map(|c| Point {
            x: c[0],
            y: c.get(1).copied().unwrap_or(1.0),
            low: c.get(2).copied().unwrap_or(f64::NAN),
            high: c.get(3).copied().unwrap_or(f64::NAN),
        });
        let lines = Lines {
            x: axis("x", unit, log),
            y: axis("y", unit, log),
            lines: vec![Line { name: "a".into(), points: points.collect() }],
            ..Lines::default()
        };
        let mut values = numbers.clone();
        values.sort_unstable_by(f64::total_cmp);
        let ecdf = Ecdf {
            x: axis("x", unit, log),
            distributions: vec![Distribution { values, censored: 3, ..Distribution::default() }],
            ..Ecdf::default()
        };
        let bars = Bars {
            y: axis("y", unit, log),
            categories: vec!["a".into(); numbers.len()],
            groups: vec![BarGroup {
                name: String::new(),
                bars: numbers.iter().map(|&value| Bar { value, low: -value, high: value }).collect(),
            }],
            ..Bars::default()
        };
        for chart in [lines.draw(), ecdf.draw(), bars.draw()].into_iter().flatten() {
            for shape in &chart.canvas.shapes {
                let (canvas::Shape::Path { points, .. } | canvas::Shape::Area { points, .. }) = shape else {
                    continue;
                };
                for (x, y) in points {
                    assert!((-8.0..=chart.canvas.width + 8.0).contains(x), "x {x}");
                    assert!((-8.0..=chart.canvas.height + 8.0).contains(y), "y {y}");
                }
            }
        }
    }
}
