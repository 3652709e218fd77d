//! Tables as text for people and as JSON for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    Text(String),
    /// A number of bytes or of something else.
    Count(u64),
    /// A number with so many digits behind the point.
    Number(f64, usize),
    /// A share of one, shown in percent.
    Share(f64),
    /// By how much something is more or less than another, as a share of that; shown in percent.
    Change(f64),
    Nothing,
}

impl Cell {
    /// By how much `bytes` are more or less than `base`.
    pub(super) fn change(bytes: u64, base: u64) -> Self {
        if base == 0 { Self::Nothing } else { Self::Change(bytes as f64 / base as f64 - 1.0) }
    }

    pub(super) fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Count(count) => grouped(*count),
            Self::Number(number, digits) => format!("{number:.digits$}"),
            Self::Share(share) => format!("{:.1} %", 100.0 * share),
            Self::Change(change) => format!("{:+.1} %", 100.0 * change),
            Self::Nothing => "–".into(),
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::Text(text) => json!(text),
            Self::Count(count) => json!(count),
            Self::Number(number, _) => json!(number),
            Self::Share(share) => json!(share),
            Self::Change(change) => json!(change),
            Self::Nothing => Value::Null,
        }
    }
}

/// `34,184,471`
pub(super) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let groups = digits.as_bytes().rchunks(3).rev().map(|group| String::from_utf8_lossy(group));
    groups.collect::<Vec<_>>().join(",")
}

/// A table; its first column holds names, the others numbers.
#[derive(Clone, Debug)]
pub(super) struct Table {
    /// A name for programs.
    pub(super) id: &'static str,
    pub(super) title: String,
    /// What a reader has to know.
    pub(super) note: String,
    pub(super) head: Vec<String>,
    pub(super) rows: Vec<Vec<Cell>>,
}

impl Table {
    pub(super) fn new(id: &'static str, title: impl Into<String>, head: Vec<String>) -> Self {
        Self { id, title: title.into(), note: String::new(), head, rows: Vec::new() }
    }

    pub(super) fn write_text(&self, out: &mut String) {
        let rows: Vec<Vec<String>> =
            self.rows.iter().map(|row| row.iter().map(Cell::text).collect()).collect();
        let width = |column: usize| {
            let cells = rows.iter().filter_map(|row| row.get(column)).chain(self.head.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.head.len()).map(width).collect();
        let _ = writeln!(out, "{}", self.title);
        for row in std::iter::once(&self.head).chain(&rows) {
            let mut line = String::from(" ");
            for (column, cell) in row.iter().enumerate() {
                let width = widths[column];
                let _ = match column {
                    0 => write!(line, " {cell:width$}"),
                    _ => write!(line, "  {cell:>width$}"),
                };
            }
            let _ = writeln!(out, "{}", line.trim_end());
        }
        for line in self.note.lines() {
            let _ = writeln!(out, "  {line}");
        }
        out.push('\n');
    }

    pub(super) fn json(&self) -> Value {
        let rows: Vec<Vec<Value>> =
            self.rows.iter().map(|row| row.iter().map(Cell::json).collect()).collect();
        json!({"id": self.id, "title": self.title, "note": self.note, "columns": self.head, "rows": rows})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn for_people_and_for_programs() {
        let mut table = Table::new("sizes", "Sizes", ["", "bytes", "less"].map(str::to_owned).to_vec());
        table.rows.push(vec![Cell::Text("größe".into()), Cell::Count(1_234_567), Cell::change(75, 100)]);
        table.rows.push(vec![Cell::Text("b".into()), Cell::Count(7), Cell::change(1, 0)]);
        table.note = "Told.".into();
        let mut text = String::new();
        table.write_text(&mut text);
        assert_eq!(
            text,
            "Sizes\n             bytes     less\n  größe  1,234,567  -25.0 %\n  b              7        –\n  Told.\n\n"
        );
        assert_eq!(table.json()["rows"], json!([["größe", 1_234_567, -0.25], ["b", 7, null]]));
    }
}
