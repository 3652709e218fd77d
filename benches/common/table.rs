//! Tables in Markdown.

/// Prints a row of a table.
pub fn row(cells: &[String]) {
    println!("| {} |", cells.join(" | "));
}

/// Prints the head of a table; all columns but the first are flush right.
pub fn head(title: &str, columns: &[impl AsRef<str>]) {
    println!("\n### {title}\n");
    row(&columns.iter().map(|column| column.as_ref().to_owned()).collect::<Vec<_>>());
    println!("|---|{}", "---:|".repeat(columns.len() - 1));
}

/// `34,184,471`
pub fn count(bytes: u64) -> String {
    let digits = bytes.to_string();
    let groups = digits.as_bytes().rchunks(3).rev().map(|group| String::from_utf8_lossy(group));
    groups.collect::<Vec<_>>().join(",")
}
