//! Sizes and colours, in logical pixels.

/// Width of every chart.
pub(super) const WIDTH: f64 = 560.0;
/// Height of the plot itself, axes and words not counted.
pub(super) const PLOT_HEIGHT: f64 = 250.0;
/// Space around everything.
pub(super) const MARGIN: f64 = 12.0;
/// Text sizes.
pub(super) const TITLE: f64 = 15.0;
pub(super) const NOTE: f64 = 12.0;
pub(super) const LABEL: f64 = 13.0;
pub(super) const TICK: f64 = 12.0;
/// Stroke of curves.
pub(super) const STROKE: f64 = 1.9;
/// Half the size of a marker.
pub(super) const MARKER: f64 = 4.2;
/// Opacity of bands.
pub(super) const BAND: f64 = 0.18;

/// A colour with its opacity.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Ink {
    pub(super) rgb: (u8, u8, u8),
    pub(super) opacity: f64,
}

impl Ink {
    const fn solid(r: u8, g: u8, b: u8) -> Self {
        Self {
            rgb: (r, g, b),
            opacity: 1.0,
        }
    }

    pub(super) const fn faded(self, opacity: f64) -> Self {
        Self {
            rgb: self.rgb,
            opacity,
        }
    }
}

pub(super) const WHITE: Ink = Ink::solid(255, 255, 255);
pub(super) const TEXT: Ink = Ink::solid(34, 34, 34);
pub(super) const QUIET: Ink = Ink::solid(96, 96, 96);
pub(super) const AXIS: Ink = Ink::solid(80, 80, 80);
pub(super) const GRID: Ink = Ink::solid(226, 226, 226);

/// Okabe & Ito, Color Universal Design (2008), darkest first.
const SERIES: [Ink; 7] = [
    Ink::solid(0, 114, 178),
    Ink::solid(213, 94, 0),
    Ink::solid(0, 158, 115),
    Ink::solid(204, 121, 167),
    Ink::solid(230, 159, 0),
    Ink::solid(86, 180, 233),
    Ink::solid(0, 0, 0),
];

/// The colour of the series of this index; they repeat after seven.
pub(super) fn ink(series: usize) -> Ink {
    SERIES[series % SERIES.len()]
}

/// The outline of the marker of this series about the origin, with `size` as half its extent.
/// Shapes go round one step further each time the colours repeat.
pub(super) fn marker(series: usize, size: f64) -> Vec<(f64, f64)> {
    const DISC: [(f64, f64); 16] = [
        (1.0, 0.0),
        (0.924, 0.383),
        (0.707, 0.707),
        (0.383, 0.924),
        (0.0, 1.0),
        (-0.383, 0.924),
        (-0.707, 0.707),
        (-0.924, 0.383),
        (-1.0, 0.0),
        (-0.924, -0.383),
        (-0.707, -0.707),
        (-0.383, -0.924),
        (0.0, -1.0),
        (0.383, -0.924),
        (0.707, -0.707),
        (0.924, -0.383),
    ];
    const SQUARE: [(f64, f64); 4] = [(-0.88, -0.88), (0.88, -0.88), (0.88, 0.88), (-0.88, 0.88)];
    const UP: [(f64, f64); 3] = [(0.0, -1.2), (1.1, 0.8), (-1.1, 0.8)];
    const DIAMOND: [(f64, f64); 4] = [(0.0, -1.25), (1.25, 0.0), (0.0, 1.25), (-1.25, 0.0)];
    const DOWN: [(f64, f64); 3] = [(0.0, 1.2), (1.1, -0.8), (-1.1, -0.8)];
    const PLUS: [(f64, f64); 12] = [
        (-0.38, -1.1),
        (0.38, -1.1),
        (0.38, -0.38),
        (1.1, -0.38),
        (1.1, 0.38),
        (0.38, 0.38),
        (0.38, 1.1),
        (-0.38, 1.1),
        (-0.38, 0.38),
        (-1.1, 0.38),
        (-1.1, -0.38),
        (-0.38, -0.38),
    ];
    const BOW: [(f64, f64); 4] = [(-1.1, -1.0), (1.1, -1.0), (-1.1, 1.0), (1.1, 1.0)];
    let shapes: [&[(f64, f64)]; 7] = [&DISC, &SQUARE, &UP, &DIAMOND, &DOWN, &PLUS, &BOW];
    let shape = shapes[(series + series / shapes.len()) % shapes.len()];
    shape.iter().map(|(x, y)| (x * size, y * size)).collect()
}
