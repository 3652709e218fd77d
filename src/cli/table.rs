//! Tables of text in aligned columns.

use std::fmt::Write as _;

/// Rows of cells; columns are as wide as their widest cell, and left out where all cells are empty.
pub struct Table {
    /// Whether cells stand at the right of each column, as numbers do.
    right: Vec<bool>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with a head; names that start with `>` are of columns of numbers.
    pub fn new(head: &[&str]) -> Self {
        let right = head.iter().map(|name| name.starts_with('>')).collect();
        let head = head.iter().map(|name| name.trim_start_matches('>').to_owned()).collect();
        Self { right, rows: vec![head] }
    }

    /// Adds a row.
    pub fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.into());
    }

    /// Adds a row of any length; cells behind its end are empty.
    pub fn row_of(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// Appends the lines, each behind `indent` spaces.
    pub fn write(&self, indent: usize, out: &mut String) {
        let cell = |row: &[String], column: usize| row.get(column).cloned().unwrap_or_default();
        let widths: Vec<usize> = (0..self.right.len())
            .map(|column| {
                let cells = self.rows[1..].iter().map(|row| cell(row, column).chars().count());
                match cells.max() {
                    None | Some(0) => 0,
                    Some(width) => width.max(self.rows[0][column].chars().count()),
                }
            })
            .collect();
        for row in &self.rows {
            let mut line = " ".repeat(indent);
            for (column, &width) in widths.iter().enumerate().filter(|(_, width)| **width > 0) {
                let cell = cell(row, column);
                let _ = match self.right[column] {
                    true => write!(line, "{cell:>width$}  "),
                    false => write!(line, "{cell:width$}  "),
                };
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_empty_ones_left_out() {
        let mut table = Table::new(&["name", "empty", ">n"]);
        table.row(["größe".into(), String::new(), "7".into()]);
        table.row_of(vec!["a".into(), String::new(), "1,200".into()]);
        table.row_of(vec!["total".into()]);
        let mut out = String::new();
        table.write(2, &mut out);
        assert_eq!(out, "  name       n\n  größe      7\n  a      1,200\n  total\n");
    }
}
