//! Inet-3.0 (Winick & Jamin, "Inet-3.0: Internet Topology Generator", 2002), as ns-3 and p2psim keep
//! its graphs.

use super::{At, Delay, Link, Position, Router, RouterGraph, numbers};
use crate::input::{Field, TextError, fields, lines};

/// The first line has the numbers of nodes and links. Then comes a line `id x y` per node, before
/// which some tools put a letter for its kind, and a line `from to distance` per link, the distance
/// in the plane's unit (without one it is that of the places).
pub(super) fn read(text: &str) -> Result<RouterGraph, TextError> {
    let mut graph = RouterGraph::default();
    let mut lines = lines(text);
    let Some((line, head)) = lines.next() else {
        return Err(TextError::new(
            1,
            1,
            "empty: the first line is `NODES LINKS`",
        ));
    };
    let counts: Vec<usize> = (fields(head).iter())
        .filter_map(|field| field.1.parse().ok())
        .collect();
    let [nodes, links] = counts[..] else {
        return Err(TextError::new(line, 1, "the first line is `NODES LINKS`"));
    };
    let mut last = line;
    for (line, content) in lines {
        last = line;
        let mut fields = fields(content);
        if fields.len() == 4 && fields[0].1.chars().all(char::is_alphabetic) {
            fields.remove(0);
        }
        if graph.len() < nodes {
            graph.add(router(line, &fields)?)?;
            continue;
        }
        let at = At {
            line,
            column: fields[0].0,
        };
        let [(column, a), (next, b), ref rest @ ..] = fields[..] else {
            return Err(at.wrong("a link is `FROM TO` or `FROM TO DISTANCE`"));
        };
        let delay = match rest {
            [] => None,
            [(column, word)] => Some(Delay::Distance(distance(line, *column, word)?)),
            [_, (column, _), ..] => {
                return Err(At {
                    line,
                    column: *column,
                }
                .wrong("a link is `FROM TO DISTANCE`"));
            }
        };
        let end = |name: &str, column: usize| graph.find(name, At { line, column });
        let (a, b) = (end(a, column)?, end(b, next)?);
        graph.link(
            a,
            b,
            Link {
                delay,
                at,
                ..Link::default()
            },
        )?;
    }
    if graph.len() != nodes {
        let message = format!("{} nodes, but the first line says {nodes}", graph.len());
        return Err(TextError::new(last, 1, message));
    }
    if graph.link_count() != links {
        let message = format!(
            "{} links, but the first line says {links}",
            graph.link_count()
        );
        return Err(TextError::new(last, 1, message));
    }
    Ok(graph)
}

fn router(line: usize, fields: &[Field<'_>]) -> Result<Router, TextError> {
    let at = At {
        line,
        column: fields[0].0,
    };
    let [(_, name), (x_at, x), (y_at, y)] = fields[..] else {
        return Err(at.wrong("a node is `ID X Y`"));
    };
    let place = |column: usize, word: &str| {
        let message =
            || At { line, column }.wrong(format!("`{word}` is not a coordinate; a number is"));
        numbers::number(word).ok_or_else(message)
    };
    let (x, y) = (place(x_at, x)?, place(y_at, y)?);
    Ok(Router {
        name: name.to_owned(),
        position: Some(Position::Plane { x, y }),
        at,
        ..Router::default()
    })
}

fn distance(line: usize, column: usize, word: &str) -> Result<f64, TextError> {
    let at = At { line, column };
    match numbers::number(word) {
        Some(distance) if distance >= 0.0 => Ok(distance),
        Some(_) => Err(at.wrong(format!("a negative distance: {word}"))),
        None => Err(at.wrong(format!("`{word}` is not a distance; a number is"))),
    }
}
