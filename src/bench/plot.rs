//! Plots as SVG, drawn with the colours that the page names.

use std::fmt::Write as _;

/// The width of all plots, in the units of their drawing.
const WIDTH: f64 = 760.0;
const LINE: f64 = 26.0;

/// Text as it stands in HTML and SVG.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            _ => out.push(char),
        }
    }
    out
}

fn open(height: f64, label: &str) -> String {
    format!("<svg viewBox=\"0 0 {WIDTH} {height:.0}\" role=\"img\" aria-label=\"{}\">\n", escaped(label))
}

fn text(svg: &mut String, x: f64, y: f64, anchor: &str, text: &str) {
    let _ =
        writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>", escaped(text));
}

fn rect(svg: &mut String, [x, y, width, height]: [f64; 4], class: &str, title: &str) {
    let title = escaped(title);
    let _ = writeln!(
        svg,
        "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\">\
         <title>{title}</title></rect>"
    );
}

fn line(svg: &mut String, [x1, y1, x2, y2]: [f64; 4], class: &str) {
    let _ = writeln!(
        svg,
        "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>"
    );
}

/// The colour of a contender.
pub(super) fn colour(contender: usize) -> String {
    format!("c{}", contender.min(7))
}

/// A legend: colours and what they stand for.
pub(super) fn legend(items: &[(String, String)]) -> String {
    let mut html = String::from("<p class=\"legend\">");
    for (class, name) in items {
        let _ = write!(html, "<span><i class=\"{class}\"></i>{}</span> ", escaped(name));
    }
    html + "</p>\n"
}

/// A bar of a plot of horizontal bars.
pub(super) struct Bar {
    pub(super) name: String,
    pub(super) value: f64,
    /// What stands behind it.
    pub(super) shown: String,
    pub(super) class: String,
    /// The quartiles of the value, if it is a median.
    pub(super) spread: Option<[f64; 2]>,
}

/// Horizontal bars from zero.
pub(super) fn bars(label: &str, bars: &[Bar]) -> String {
    let (left, right) = (150.0, 170.0);
    let height = LINE * bars.len() as f64 + 8.0;
    let most = bars.iter().map(|bar| bar.spread.map_or(bar.value, |[_, high]| high.max(bar.value)));
    let scale = (WIDTH - left - right) / most.fold(f64::MIN_POSITIVE, f64::max);
    let mut svg = open(height, label);
    for (number, bar) in bars.iter().enumerate() {
        let y = 4.0 + LINE * number as f64;
        text(&mut svg, left - 8.0, y + 17.0, "end", &bar.name);
        let width = (bar.value * scale).max(1.0);
        rect(
            &mut svg,
            [left, y + 3.0, width, LINE - 8.0],
            &bar.class,
            &format!("{}: {}", bar.name, bar.shown),
        );
        let mut end = left + width;
        if let Some([low, high]) = bar.spread {
            let middle = y + LINE / 2.0 - 1.0;
            line(&mut svg, [left + low * scale, middle, left + high * scale, middle], "spread");
            end = end.max(left + high * scale);
        }
        text(&mut svg, end + 8.0, y + 17.0, "start", &bar.shown);
    }
    svg + "</svg>\n"
}

/// Horizontal bars of parts; every bar has a name and the sizes of its parts, coloured `p0`, `p1` ….
pub(super) fn stacked(label: &str, parts: &[&str], bars: &[(String, Vec<f64>, String)]) -> String {
    let (left, right) = (150.0, 130.0);
    let mut svg = open(LINE * bars.len() as f64 + 8.0, label);
    let most = bars.iter().map(|(_, sizes, _)| sizes.iter().sum::<f64>()).fold(f64::MIN_POSITIVE, f64::max);
    let scale = (WIDTH - left - right) / most;
    for (number, (name, sizes, shown)) in bars.iter().enumerate() {
        let y = 4.0 + LINE * number as f64;
        text(&mut svg, left - 8.0, y + 17.0, "end", name);
        let mut x = left;
        let all: f64 = sizes.iter().sum::<f64>().max(f64::MIN_POSITIVE);
        for (part, size) in sizes.iter().enumerate() {
            let title = format!("{name}, {}: {:.1} %", parts[part], 100.0 * size / all);
            rect(&mut svg, [x, y + 3.0, size * scale, LINE - 8.0], &format!("p{part}"), &title);
            x += size * scale;
        }
        text(&mut svg, x + 8.0, y + 17.0, "start", shown);
    }
    svg + "</svg>\n"
}

/// Groups of vertical bars; values are shares, and a line is drawn at one. Each series has a name, a
/// colour and a value for each group.
pub(super) fn groups(label: &str, names: &[String], series: &[(String, String, Vec<f64>)]) -> String {
    let (left, top, plot, bottom) = (44.0, 8.0, 210.0, 24.0);
    let values = series.iter().flat_map(|(_, _, values)| values);
    let most = values.copied().fold(1.0, f64::max).min(4.0);
    let at = |value: f64| top + plot * (1.0 - value.min(most) / most);
    let mut svg = open(top + plot + bottom, label);
    grid(&mut svg, left, most, at);
    let step = (WIDTH - left) / names.len().max(1) as f64;
    let width = (step * 0.8 / series.len().max(1) as f64).min(26.0);
    for (group, name) in names.iter().enumerate() {
        let middle = left + step * (group as f64 + 0.5);
        text(&mut svg, middle, top + plot + 17.0, "middle", name);
        let start = middle - width * series.len() as f64 / 2.0;
        for (number, (form, class, values)) in series.iter().enumerate() {
            let title = format!("zoom {name}, {form}: {:.1} %", 100.0 * values[group]);
            let y = at(values[group]);
            let place = [start + width * number as f64, y, width - 1.0, top + plot - y];
            rect(&mut svg, place, class, &title);
        }
    }
    line(&mut svg, [left, at(1.0), WIDTH, at(1.0)], "one");
    svg + "</svg>\n"
}

fn grid(svg: &mut String, left: f64, most: f64, at: impl Fn(f64) -> f64) {
    let step = if most > 2.0 { 1.0 } else { 0.25 };
    for number in 0..=(most / step) as usize {
        let value = number as f64 * step;
        line(svg, [left, at(value), WIDTH, at(value)], "grid");
        text(svg, left - 6.0, at(value) + 4.0, "end", &format!("{:.0} %", 100.0 * value));
    }
}

/// How often values occur: outlines over bins of shares from 0 to 2, with all beyond in the last one.
/// Each series has a name, a colour and values.
pub(super) fn distribution(label: &str, series: &[(String, String, Vec<f64>)]) -> String {
    const BINS: usize = 40;
    const MOST: f64 = 2.0;
    let (left, top, plot, bottom) = (44.0, 8.0, 190.0, 24.0);
    let counted: Vec<Vec<f64>> = series
        .iter()
        .map(|(_, _, values)| {
            let mut bins = vec![0.0; BINS];
            for value in values {
                bins[((value / MOST * BINS as f64) as usize).min(BINS - 1)] += 1.0 / values.len() as f64;
            }
            bins
        })
        .collect();
    let most = counted.iter().flatten().copied().fold(f64::MIN_POSITIVE, f64::max);
    let x = |bin: f64| left + (WIDTH - left - 34.0) * bin / BINS as f64;
    let y = |share: f64| top + plot * (1.0 - share / most);
    let mut svg = open(top + plot + bottom, label);
    for bin in (0..=BINS).step_by(5) {
        let (value, at) = (bin as f64 * MOST / BINS as f64, x(bin as f64));
        line(&mut svg, [at, top, at, top + plot], "grid");
        let more = if bin == BINS { "+" } else { "" };
        text(&mut svg, at, top + plot + 17.0, "middle", &format!("{:.0} %{more}", 100.0 * value));
    }
    for ((name, class, _), bins) in series.iter().zip(&counted) {
        let mut path = format!("M{:.1} {:.1}", x(0.0), y(0.0));
        for (bin, share) in bins.iter().enumerate() {
            let _ = write!(path, "V{:.1}H{:.1}", y(*share), x(bin as f64 + 1.0));
        }
        let _ = write!(path, "V{:.1}Z", y(0.0));
        let name = escaped(name);
        let _ = writeln!(svg, "<path class=\"outline {class}\" d=\"{path}\"><title>{name}</title></path>");
    }
    let one = x(BINS as f64 / MOST);
    line(&mut svg, [one, top, one, top + plot], "one");
    text(&mut svg, left - 6.0, top + 10.0, "end", &format!("{:.0} %", 100.0 * most));
    text(&mut svg, left - 6.0, top + plot, "end", "0");
    svg + "</svg>\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_become_markup() {
        assert_eq!(escaped("<a & \"b\">"), "&lt;a &amp; &quot;b&quot;&gt;");
        let bar = |name: &str| Bar {
            name: name.into(),
            value: 1.0,
            shown: "1 <b>".into(),
            class: colour(0),
            spread: Some([0.5, 1.5]),
        };
        let svg = bars("x", &[bar("<script>"), bar("b")]);
        assert!(!svg.contains("<script>") && !svg.contains("<b>"), "{svg}");
        assert_eq!(svg.matches("<rect").count(), 2);
    }

    #[test]
    fn values_beyond_the_scale_stay_within_the_plot() {
        let series = [("a".to_owned(), colour(1), vec![0.5, 7.0])];
        let svg = groups("x", &["0".into(), "1".into()], &series);
        assert!(!svg.contains("y=\"-"), "{svg}");
        let svg = distribution("x", &series);
        assert!(["\"-", "V-", "H-", " -"].iter().all(|negative| !svg.contains(negative)), "{svg}");
    }
}
