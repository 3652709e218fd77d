//! The words of a filter.

/// A word and where it starts, in bytes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) at: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum TokenKind {
    /// A name, or a keyword.
    Word(String),
    /// A name in double quotes.
    Quoted(String),
    /// In single quotes.
    Text(String),
    Int(i64),
    Float(f64),
    /// `( ) , = <> < <= > >= + - * /`
    Symbol(&'static str),
}

const SYMBOLS: [&str; 14] = ["<>", "<=", ">=", "!=", "(", ")", ",", "=", "<", ">", "+", "-", "*", "/"];

/// The words of `text`.
///
/// # Errors
/// What is wrong, and at which byte.
pub(super) fn lex(text: &str) -> Result<Vec<Token>, String> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let (kind, len) = if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        } else if first == '\'' || first == '"' {
            let (string, len) = quoted(rest, first)
                .ok_or_else(|| format!("a quotation that does not end, from byte {at} on"))?;
            (if first == '"' { TokenKind::Quoted(string) } else { TokenKind::Text(string) }, len)
        } else if first.is_ascii_digit() || first == '.' {
            number(rest).ok_or_else(|| format!("no number at byte {at}"))?
        } else if first.is_alphabetic() || first == '_' {
            let end = rest.find(|char: char| !is_name(char)).unwrap_or(rest.len());
            (TokenKind::Word(rest[..end].to_owned()), end)
        } else {
            let symbol = SYMBOLS.into_iter().find(|symbol| rest.starts_with(symbol));
            let symbol = symbol.ok_or_else(|| format!("{first:?} at byte {at} means nothing"))?;
            // Not in the standard, but what many write.
            (TokenKind::Symbol(if symbol == "!=" { "<>" } else { symbol }), symbol.len())
        };
        out.push(Token { kind, at });
        at += len;
    }
    Ok(out)
}

fn is_name(char: char) -> bool {
    char.is_alphanumeric() || matches!(char, '_' | '.' | ':')
}

/// A quotation, in which the quotation mark is written twice, and its length with the marks.
fn quoted(text: &str, mark: char) -> Option<(String, usize)> {
    let mut string = String::new();
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, char)) = chars.next() {
        if char == mark && chars.next_if(|&(_, next)| next == mark).is_none() {
            return Some((string, at + 1));
        }
        string.push(char);
    }
    None
}

fn number(text: &str) -> Option<(TokenKind, usize)> {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut end = digits(0);
    let mut whole = true;
    if bytes.get(end) == Some(&b'.') {
        whole = false;
        end += 1 + digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        if exponent > 0 {
            whole = false;
            end += 1 + sign + exponent;
        }
    }
    // A number that runs into a name is neither.
    if text[end..].starts_with(is_name) {
        return None;
    }
    if whole && let Ok(int) = text[..end].parse() {
        return Some((TokenKind::Int(int), end));
    }
    let float: f64 = text[..end].parse().ok()?;
    float.is_finite().then_some((TokenKind::Float(float), end))
}
