//! The grammar of filters, by recursive descent.

use super::lex::{Token, TokenKind, lex};
use super::time;

/// A filter, or a part of one, as it is written. And, or: of two parts at least.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expression {
    And(Vec<Expression>),
    Or(Vec<Expression>),
    Not(Box<Expression>),
    Compare(Operand, Comparison, Operand),
    Between(Operand, Operand, Operand),
    In(Operand, Vec<Operand>),
    /// The last is whether case does not matter.
    Like(String, String, bool),
    IsNull(String),
    /// A truth value: a constant, or a property by itself.
    Truth(Operand),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Operand {
    Property(String),
    Int(i64),
    Float(f64),
    Text(String),
    Bool(bool),
    /// Milliseconds since 1970 began.
    Time(i64),
    Arithmetic(Box<Operand>, Operation, Box<Operand>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// Words that are no names unless in double quotes.
const KEYWORDS: [&str; 13] = [
    "AND",
    "OR",
    "NOT",
    "IN",
    "BETWEEN",
    "LIKE",
    "IS",
    "NULL",
    "TRUE",
    "FALSE",
    "TIMESTAMP",
    "DATE",
    "CASEI",
];

/// Reads a filter whose parentheses, negations and signs stand at most `depth` deep.
///
/// # Errors
/// What is wrong, and at which byte.
pub(crate) fn parse(text: &str, depth: usize) -> Result<Expression, String> {
    let tokens = lex(text)?;
    let mut parser = Parser { tokens: &tokens, next: 0, depth: 0, most: depth, end: text.len() };
    let expression = parser.or()?;
    match parser.tokens.get(parser.next) {
        None => Ok(expression),
        Some(_) => Err(parser.expected("AND, OR or the end")),
    }
}

struct Parser<'a> {
    tokens: &'a [Token],
    next: usize,
    depth: usize,
    most: usize,
    end: usize,
}

impl Parser<'_> {
    fn or(&mut self) -> Result<Expression, String> {
        let mut parts = vec![self.and()?];
        while self.keyword("OR") {
            parts.push(self.and()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expression::Or(parts) })
    }

    fn and(&mut self) -> Result<Expression, String> {
        let mut parts = vec![self.not()?];
        while self.keyword("AND") {
            parts.push(self.not()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expression::And(parts) })
    }

    fn not(&mut self) -> Result<Expression, String> {
        if self.keyword("NOT") {
            return self.deeper(|parser| Ok(Expression::Not(Box::new(parser.not()?))));
        }
        self.predicate()
    }

    fn predicate(&mut self) -> Result<Expression, String> {
        if self.peeks("(") && self.opens_condition() {
            return self.deeper(|parser| {
                parser.next += 1;
                let inner = parser.or()?;
                parser.symbol(")")?;
                Ok(inner)
            });
        }
        let any_case = self.peeks_keyword("CASEI");
        let left = self.operand()?;
        for (symbol, comparison) in [
            ("=", Comparison::Equal),
            ("<>", Comparison::NotEqual),
            ("<=", Comparison::LessOrEqual),
            ("<", Comparison::Less),
            (">=", Comparison::GreaterOrEqual),
            (">", Comparison::Greater),
        ] {
            if self.takes(symbol) {
                let right = self.operand()?;
                if any_case {
                    let (Operand::Property(name), Operand::Text(text)) = (left, right) else {
                        return Err("CASEI takes a property on the left and a string on the right".into());
                    };
                    let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
                    let like = Expression::Like(name, escaped, true);
                    return match comparison {
                        Comparison::Equal => Ok(like),
                        Comparison::NotEqual => Ok(Expression::Not(Box::new(like))),
                        _ => Err("CASEI goes with =, <> and LIKE".into()),
                    };
                }
                return Ok(Expression::Compare(left, comparison, right));
            }
        }
        if self.keyword("IS") {
            let negated = self.keyword("NOT");
            if !self.keyword("NULL") {
                return Err(self.expected("NULL"));
            }
            let Operand::Property(name) = left else { return Err("IS NULL asks for a property".into()) };
            return Ok(negate(Expression::IsNull(name), negated));
        }
        let negated = self.keyword("NOT");
        if self.keyword("BETWEEN") {
            let low = self.operand()?;
            if !self.keyword("AND") {
                return Err(self.expected("AND"));
            }
            return Ok(negate(Expression::Between(left, low, self.operand()?), negated));
        }
        if self.keyword("IN") {
            self.symbol("(")?;
            let mut values = vec![self.operand()?];
            while self.takes(",") {
                values.push(self.operand()?);
            }
            self.symbol(")")?;
            return Ok(negate(Expression::In(left, values), negated));
        }
        if self.keyword("LIKE") {
            let Operand::Property(name) = left else { return Err("LIKE asks for a property".into()) };
            let any_case = any_case | self.peeks_keyword("CASEI");
            let Operand::Text(pattern) = self.operand()? else {
                return Err("the pattern of LIKE is a string".into());
            };
            return Ok(negate(Expression::Like(name, pattern, any_case), negated));
        }
        if negated {
            return Err(self.expected("BETWEEN, IN or LIKE"));
        }
        match left {
            Operand::Property(_) | Operand::Bool(_) => Ok(Expression::Truth(left)),
            _ => Err(self.expected("a comparison")),
        }
    }

    fn operand(&mut self) -> Result<Operand, String> {
        let mut left = self.term()?;
        loop {
            let operation = if self.takes("+") {
                Operation::Add
            } else if self.takes("-") {
                Operation::Subtract
            } else {
                return Ok(left);
            };
            left = self.deeper_for_chain(left, operation, Self::term)?;
        }
    }

    fn term(&mut self) -> Result<Operand, String> {
        let mut left = self.factor()?;
        loop {
            let operation = if self.takes("*") {
                Operation::Multiply
            } else if self.takes("/") {
                Operation::Divide
            } else {
                return Ok(left);
            };
            left = self.deeper_for_chain(left, operation, Self::factor)?;
        }
    }

    /// Chains of operations nest as deep as they are long.
    fn deeper_for_chain(
        &mut self,
        left: Operand,
        operation: Operation,
        right: fn(&mut Self) -> Result<Operand, String>,
    ) -> Result<Operand, String> {
        let depth = operand_depth(&left);
        if depth >= self.most {
            return Err(self.too_deep());
        }
        Ok(Operand::Arithmetic(Box::new(left), operation, Box::new(right(self)?)))
    }

    fn factor(&mut self) -> Result<Operand, String> {
        if self.takes("-") {
            let inner = self.deeper(Self::factor)?;
            return Ok(match inner {
                Operand::Int(int) => Operand::Int(-int),
                Operand::Float(float) => Operand::Float(-float),
                inner => Operand::Arithmetic(Box::new(Operand::Int(0)), Operation::Subtract, Box::new(inner)),
            });
        }
        if self.takes("(") {
            return self.deeper(|parser| {
                let inner = parser.operand()?;
                parser.symbol(")")?;
                Ok(inner)
            });
        }
        let Some(token) = self.tokens.get(self.next) else { return Err(self.expected("a value")) };
        let operand = match &token.kind {
            TokenKind::Int(int) => Operand::Int(*int),
            TokenKind::Float(float) => Operand::Float(*float),
            TokenKind::Text(text) => Operand::Text(text.clone()),
            TokenKind::Quoted(name) => Operand::Property(name.clone()),
            TokenKind::Word(word) if word.eq_ignore_ascii_case("true") => Operand::Bool(true),
            TokenKind::Word(word) if word.eq_ignore_ascii_case("false") => Operand::Bool(false),
            TokenKind::Word(word) if word.eq_ignore_ascii_case("casei") => {
                self.next += 1;
                return self.deeper(|parser| {
                    parser.symbol("(")?;
                    let inner = parser.operand()?;
                    parser.symbol(")")?;
                    Ok(inner)
                });
            }
            TokenKind::Word(word)
                if word.eq_ignore_ascii_case("timestamp") || word.eq_ignore_ascii_case("date") =>
            {
                self.next += 1;
                self.symbol("(")?;
                let Some(Token { kind: TokenKind::Text(text), .. }) = self.tokens.get(self.next) else {
                    return Err(self.expected("a moment in quotes"));
                };
                let moment = time::parse(text).ok_or_else(|| format!("no moment: {text:?}"))?;
                self.next += 1;
                self.symbol(")")?;
                return Ok(Operand::Time(moment));
            }
            TokenKind::Word(word) if is_one_of(word, &KEYWORDS) => {
                return Err(self.expected("a value"));
            }
            TokenKind::Word(word) => {
                if matches!(self.tokens.get(self.next + 1), Some(Token { kind: TokenKind::Symbol("("), .. }))
                {
                    return Err(format!("there is no function {word:?}, at byte {}", token.at));
                }
                Operand::Property(word.clone())
            }
            TokenKind::Symbol(_) => return Err(self.expected("a value")),
        };
        self.next += 1;
        Ok(operand)
    }

    fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> Result<T, String>) -> Result<T, String> {
        if self.depth == self.most {
            return Err(self.too_deep());
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    fn too_deep(&self) -> String {
        format!("nested more than {} deep", self.most)
    }

    fn peeks(&self, symbol: &str) -> bool {
        matches!(self.tokens.get(self.next), Some(Token { kind: TokenKind::Symbol(own), .. }) if *own == symbol)
    }

    /// Whether the parenthesis that opens here holds a condition, not a part of an operand: there is a
    /// comparison or logic in it, or nothing behind it goes on with its value.
    fn opens_condition(&self) -> bool {
        let mut open = 0;
        for (index, token) in self.tokens.iter().enumerate().skip(self.next) {
            match &token.kind {
                TokenKind::Symbol("(") => open += 1,
                TokenKind::Symbol(")") => {
                    open -= 1;
                    if open == 0 {
                        return !self.tokens.get(index + 1).is_some_and(goes_on);
                    }
                }
                TokenKind::Symbol("=" | "<>" | "<" | "<=" | ">" | ">=") => return true,
                TokenKind::Word(word) if is_one_of(word, &KEYWORDS[..7]) => return true,
                _ => {}
            }
        }
        true
    }

    fn takes(&mut self, symbol: &str) -> bool {
        let found = self.peeks(symbol);
        self.next += usize::from(found);
        found
    }

    fn symbol(&mut self, symbol: &str) -> Result<(), String> {
        if self.takes(symbol) { Ok(()) } else { Err(self.expected(symbol)) }
    }

    fn peeks_keyword(&self, keyword: &str) -> bool {
        let token = self.tokens.get(self.next);
        matches!(token, Some(Token { kind: TokenKind::Word(word), .. }) if word.eq_ignore_ascii_case(keyword))
    }

    fn keyword(&mut self, keyword: &str) -> bool {
        let found = self.peeks_keyword(keyword);
        self.next += usize::from(found);
        found
    }

    fn expected(&self, what: &str) -> String {
        let at = self.tokens.get(self.next).map_or(self.end, |token| token.at);
        format!("{what} expected at byte {at}")
    }
}

fn is_one_of(word: &str, keywords: &[&str]) -> bool {
    keywords.iter().any(|keyword| word.eq_ignore_ascii_case(keyword))
}

/// Whether a word takes a value before it.
fn goes_on(token: &Token) -> bool {
    match &token.kind {
        TokenKind::Symbol(symbol) => !matches!(*symbol, "(" | ")" | ","),
        TokenKind::Word(word) => is_one_of(word, &["NOT", "IN", "BETWEEN", "LIKE", "IS"]),
        _ => false,
    }
}

fn negate(expression: Expression, negated: bool) -> Expression {
    if negated { Expression::Not(Box::new(expression)) } else { expression }
}

fn operand_depth(operand: &Operand) -> usize {
    match operand {
        Operand::Arithmetic(left, _, right) => 1 + operand_depth(left).max(operand_depth(right)),
        _ => 0,
    }
}
