//! One HTML page with plots and tables that needs nothing else: no scripts, no fonts, no network.

use std::fmt::Write as _;

use super::parts::PART_NAMES;
use super::plot::{self, Bar, colour, escaped, legend};
use super::report::Report;
use super::tables::{Cell, Table, grouped};
use super::times::quartiles;

const STYLE: &str = "
:root { color-scheme: light dark; --text: #1c2430; --soft: #5b6675; --line: #d9dee5; --back: #fbfcfd;
  --c0: #8b95a3; --c1: #e08a2c; --c2: #2f74d0; --c3: #2f9e77; --c4: #a35bbf; --c5: #c2504f; --c6: #6d7f2c; --c7: #3b9db5;
  --p0: #2f74d0; --p1: #7fb2ee; --p2: #2f9e77; --p3: #e08a2c; --p4: #c2504f; --p5: #8b95a3; }
@media (prefers-color-scheme: dark) { :root { --text: #e4e9f0; --soft: #9aa6b5; --line: #333c48; --back: #12161c; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--back);
  max-width: 960px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2.2rem 0 .3rem; }
p { margin: .3rem 0; } .soft, .note { color: var(--soft); } .note { font-size: .85rem; white-space: pre-line; }
.cards { display: flex; flex-wrap: wrap; gap: 1rem; margin: 1.2rem 0; }
.card { flex: 1 1 12rem; border: 1px solid var(--line); border-radius: .6rem; padding: .8rem 1rem; }
.card b { display: block; font-size: 1.9rem; line-height: 1.2; }
svg { width: 100%; height: auto; display: block; } svg text { font-size: 12px; fill: var(--text); }
.grid { stroke: var(--line); } .one { stroke: var(--text); stroke-dasharray: 4 3; }
.spread { stroke: var(--text); stroke-width: 2; }
.outline { fill-opacity: .25; stroke-width: 2; }
.legend span { margin-right: 1rem; white-space: nowrap; } .legend i { display: inline-block; width: .8em; height: .8em;
  border-radius: .2em; margin-right: .4em; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .15rem .7rem .15rem 0; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; } th { border-bottom: 1px solid var(--line); font-weight: 600; }
tr:hover td { background: color-mix(in srgb, var(--line) 40%, transparent); }
";

pub(super) fn write(report: &Report, title: &str) -> String {
    let mut classes = String::new();
    for number in 0..8 {
        let _ = writeln!(classes, ".c{number} {{ fill: var(--c{number}); background: var(--c{number}); }}");
        let _ = writeln!(classes, ".outline.c{number} {{ stroke: var(--c{number}); }}");
    }
    for number in 0..PART_NAMES.len() {
        let _ = writeln!(classes, ".p{number} {{ fill: var(--p{number}); background: var(--p{number}); }}");
    }
    let shown = escaped(title);
    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{shown}: tile formats compared</title>\n\
         <style>{STYLE}{classes}</style>\n</head>\n<body>\n<h1>Tile formats compared</h1>\n\
         <p class=\"soft\">{shown}: {} tiles. Made by covt {} with <code>covt bench --html</code>.</p>\n",
        grouped(report.names.len() as u64),
        env!("CARGO_PKG_VERSION")
    );
    html += &cards(report);
    html += &totals(report);
    html += &zooms(report);
    html += &ratios(report);
    html += &parts(report);
    html += &times(report);
    for each in report.tables() {
        html += &table(&each);
    }
    html + "</body>\n</html>\n"
}

fn heading(title: &str, note: &str) -> String {
    format!("<h2>{}</h2>\n<p class=\"note\">{}</p>\n", escaped(title), escaped(note))
}

/// The one thing to remember of each contender.
fn cards(report: &Report) -> String {
    let mut html = String::from("<div class=\"cards\">\n");
    for (name, ratio) in report.summary() {
        let base = escaped(report.base_name());
        let name = escaped(&name);
        let _ = writeln!(
            html,
            "<div class=\"card\"><b>{:.1} %</b>of the bytes of {base} takes <strong>{name}</strong></div>",
            100.0 * ratio
        );
    }
    if let Some(table) = report.tables().iter().find(|table| table.id == "decode") {
        for row in table.rows[1..].iter().filter(|row| !row[0].text().starts_with(&report.contenders[0])) {
            if let (Some(Cell::Text(name)), Some(Cell::Number(factor, _))) = (row.first(), row.get(6)) {
                let (name, base) = (escaped(name), table.rows[0][0].text());
                let base = escaped(&base);
                let _ = writeln!(
                    html,
                    "<div class=\"card\"><b>{factor:.2} ×</b>as fast to decode as {base}: <strong>{name}</strong></div>"
                );
            }
        }
    }
    html + "</div>\n"
}

fn totals(report: &Report) -> String {
    let base = report.sizes.total(report.base);
    let bars: Vec<Bar> = report
        .sizes
        .forms
        .iter()
        .enumerate()
        .map(|(number, form)| {
            let bytes = report.sizes.total(number);
            let change = if number == report.base {
                String::new()
            } else {
                format!(" ({})", Cell::change(bytes, base).text())
            };
            Bar {
                name: form.name.clone(),
                value: bytes as f64,
                shown: format!("{}{change}", grouped(bytes)),
                class: colour(form.contender),
                spread: None,
            }
        })
        .collect();
    heading("Sizes of all tiles, bytes", "") + &plot::bars("sizes of all tiles", &bars)
}

/// The forms in which contenders are compared, with their colours.
fn usual(report: &Report) -> Vec<(usize, String, String)> {
    let forms = (0..report.contenders.len()).map(|contender| {
        let form = report.usual(contender);
        (form, report.sizes.forms[form].name.clone(), colour(contender))
    });
    forms.collect()
}

fn zooms(report: &Report) -> String {
    let zooms = report.by_zoom();
    let names: Vec<String> =
        zooms.keys().map(|zoom| zoom.map_or("?".into(), |zoom| zoom.to_string())).collect();
    let sum =
        |form: usize, tiles: &[usize]| tiles.iter().map(|&tile| report.sizes.bytes[form][tile]).sum::<u64>();
    let series: Vec<_> = usual(report)
        .into_iter()
        .map(|(form, name, class)| {
            let share = |tiles: &Vec<usize>| sum(form, tiles) as f64 / sum(report.base, tiles).max(1) as f64;
            (name, class, zooms.values().map(share).collect())
        })
        .collect();
    let items: Vec<_> = series
        .iter()
        .map(|(name, class, _): &(String, String, Vec<f64>)| (class.clone(), name.clone()))
        .collect();
    let note = format!(
        "Bytes of all tiles of a zoom as a share of those of {}; less is better.",
        report.base_name()
    );
    heading("Sizes by zoom", &note) + &legend(&items) + &plot::groups("sizes by zoom", &names, &series)
}

fn ratios(report: &Report) -> String {
    let series: Vec<_> = usual(report)
        .into_iter()
        .skip(1)
        .map(|(form, name, class)| (name, class, report.ratios(form)))
        .collect();
    let items: Vec<_> = series.iter().map(|(name, class, _)| (class.clone(), name.clone())).collect();
    let note = format!(
        "How many tiles take which share of the bytes they take as {}. What lies right of the dashed line is larger.",
        report.base_name()
    );
    heading("Tile by tile", &note) + &legend(&items) + &plot::distribution("distribution of ratios", &series)
}

fn parts(report: &Report) -> String {
    let bars: Vec<_> = (0..report.contenders.len())
        .map(|contender| {
            let sizes = report.sizes.parts(contender);
            let all = grouped(sizes.iter().sum());
            (report.contenders[contender].clone(), sizes.map(|bytes| bytes as f64).to_vec(), all)
        })
        .filter(|(_, sizes, _)| sizes.iter().sum::<f64>() > 0.0)
        .collect();
    let items: Vec<_> =
        PART_NAMES.iter().enumerate().map(|(part, name)| (format!("p{part}"), (*name).to_owned())).collect();
    heading("Where the bytes go", "Without compression around tiles.")
        + &legend(&items)
        + &plot::stacked("where the bytes go", &PART_NAMES, &bars)
}

fn times(report: &Report) -> String {
    let Some(times) = &report.times else { return String::new() };
    let ways = times.ways.iter().enumerate().filter(|(_, way)| way.wrap.is_some());
    let bars: Vec<Bar> = ways
        .map(|(number, way)| {
            let milliseconds = times.sums(number, |_| true).iter().map(|sum| 1e3 * sum).collect();
            let [low, middle, high] = quartiles(milliseconds);
            Bar {
                name: way.name.clone(),
                value: middle,
                shown: format!("{middle:.1} ms ({low:.1} – {high:.1})"),
                class: colour(way.contender),
                spread: Some([low, high]),
            }
        })
        .collect();
    let note = "All tiles on one core, each right after the others, round after round: the median of rounds and \
                its quartiles. Less is better.";
    heading("Time to decode", note) + &plot::bars("time to decode", &bars)
}

fn table(table: &Table) -> String {
    let mut html = heading(&table.title, &table.note);
    html += "<div class=\"scroll\"><table>\n<tr>";
    for name in &table.head {
        let _ = write!(html, "<th>{}</th>", escaped(name));
    }
    html += "</tr>\n";
    for row in &table.rows {
        html += "<tr>";
        for cell in row {
            let _ = write!(html, "<td>{}</td>", escaped(&cell.text()));
        }
        html += "</tr>\n";
    }
    html + "</table></div>\n"
}

#[cfg(test)]
mod tests {
    use super::super::{Options, Tile, contenders, run};
    use crate::mvt;
    use crate::testing::generate::tileset::Tileset;

    #[test]
    fn a_page_of_everything() {
        let tiles: Vec<Tile> = Tileset::new(1)
            .with_zooms(9..=10)
            .tiles()
            .map(|(coord, layers)| Tile {
                name: coord.to_string(),
                zoom: Some(coord.z()),
                mvt: mvt::write(&layers).unwrap(),
            })
            .collect();
        let mut last = (0, 0);
        let options = Options { rounds: 1, threads: 2 };
        let mut contenders = contenders();
        contenders.retain(|contender| !contender.name().starts_with("MLT"));
        let report = run(&tiles, &contenders, &options, &mut |done, of| last = (done, of)).unwrap();
        assert_eq!(last.0, last.1, "all steps are told");

        let html = report.html("<Liechtenstein>");
        assert!(html.contains("&lt;Liechtenstein&gt;") && !html.contains("<Liechtenstein>"));
        assert_eq!(html.matches("<svg").count(), 5);
        for outside in ["http", "src=", "url(", "<script", "NaN", "inf"] {
            assert!(!html.contains(outside), "{outside}");
        }

        let json = report.json();
        assert_eq!(json["tiles"].as_array().map(Vec::len), Some(tiles.len()));
        let forms: Vec<&str> =
            json["forms"].as_array().unwrap().iter().map(|form| form.as_str().unwrap()).collect();
        assert_eq!(forms[..3], ["MVT + gzip", "MVT", "MVT + zstd"]);
        assert_eq!((forms.len(), forms[4], forms[7]), (10, "COVT fast", "COVT small"));
        let table = |id: &str| {
            json["tables"].as_array().unwrap().iter().find(|table| table["id"] == id).unwrap().clone()
        };
        // Parts add up to tiles, layers too.
        let sum = |table: &serde_json::Value, column: usize| {
            table["rows"].as_array().unwrap().iter().map(|row| row[column].as_u64().unwrap()).sum::<u64>()
        };
        let mvt: u64 = tiles.iter().map(|tile| tile.mvt.len() as u64).sum();
        assert_eq!((sum(&table("parts"), 1), sum(&table("layers"), 1)), (mvt, mvt));
        let small = table("sizes")["rows"][7][1].as_u64().unwrap();
        assert_eq!((sum(&table("parts"), 5), sum(&table("layers"), 3)), (small, small));
        assert_eq!(sum(&table("zooms"), 1), tiles.len() as u64);
        let text = report.text();
        assert!(text.contains("Decoding all tiles") && text.contains("COVT small + zstd"), "{text}");
    }
}
