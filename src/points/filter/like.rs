//! Patterns of `LIKE`.

/// A pattern: `%` stands for any characters, `_` for one, `\` takes the next one as it is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pattern {
    parts: Vec<Part>,
    any_case: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Part {
    Any,
    One,
    Char(char),
}

impl Pattern {
    pub(super) fn new(text: &str, any_case: bool) -> Self {
        let text = if any_case { text.to_lowercase() } else { text.to_owned() };
        let mut parts = Vec::new();
        let mut chars = text.chars();
        while let Some(char) = chars.next() {
            let part = match char {
                '%' => Part::Any,
                '_' => Part::One,
                '\\' => Part::Char(chars.next().unwrap_or('\\')),
                char => Part::Char(char),
            };
            // Several in a row mean the same, and would only make work.
            if part != Part::Any || parts.last() != Some(&Part::Any) {
                parts.push(part);
            }
        }
        Self { parts, any_case }
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        if self.any_case { self.matches_as_is(&text.to_lowercase()) } else { self.matches_as_is(text) }
    }

    /// Goes back only to the last `%`, so that the time is at most the product of the lengths.
    fn matches_as_is(&self, text: &str) -> bool {
        let mut rest = text.chars();
        let mut part = 0;
        // Behind the last `%`: the part, and the text it has left over.
        let mut retry: Option<(usize, std::str::Chars<'_>)> = None;
        loop {
            let before = rest.clone();
            match (self.parts.get(part), rest.next()) {
                (Some(Part::Any), _) => {
                    part += 1;
                    rest = before;
                    retry = Some((part, rest.clone()));
                    continue;
                }
                (Some(Part::One), Some(_)) => {
                    part += 1;
                    continue;
                }
                (Some(Part::Char(wanted)), Some(char)) if *wanted == char => {
                    part += 1;
                    continue;
                }
                (None, None) => return true,
                _ => {}
            }
            let Some((behind, left)) = &mut retry else { return false };
            if left.next().is_none() {
                return false;
            }
            part = *behind;
            rest = left.clone();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Random;

    fn naive(pattern: &[char], text: &[char]) -> bool {
        match pattern {
            [] => text.is_empty(),
            ['%', rest @ ..] => (0..=text.len()).any(|skip| naive(rest, &text[skip..])),
            ['_', rest @ ..] => !text.is_empty() && naive(rest, &text[1..]),
            [char, rest @ ..] => text.first() == Some(char) && naive(rest, &text[1..]),
        }
    }

    #[test]
    fn patterns_match_as_defined() {
        let mut random = Random::from_seed(1);
        let mut matches = 0;
        for _ in 0..20_000 {
            let mut some = |letters: &[char], most| -> Vec<char> {
                (0..random.below(most)).map(|_| letters[random.index(letters.len())]).collect()
            };
            let (pattern, text) = (some(&['a', 'ä', '%', '_'], 7), some(&['a', 'ä'], 8));
            let found = Pattern::new(&pattern.iter().collect::<String>(), false)
                .matches(&text.iter().collect::<String>());
            assert_eq!(found, naive(&pattern, &text), "{pattern:?} {text:?}");
            matches += u32::from(found);
        }
        assert!(matches > 1000);
    }

    #[test]
    fn escapes_and_case() {
        assert!(
            Pattern::new("100\\%", false).matches("100%") && !Pattern::new("100\\%", false).matches("1000")
        );
        assert!(Pattern::new("zÜ%", true).matches("ZÜRICH") && !Pattern::new("zÜ%", false).matches("ZÜRICH"));
    }

    #[test]
    fn hard_patterns_are_quick() {
        let pattern = Pattern::new(&"%a".repeat(500), false);
        assert!(!pattern.matches(&format!("{}b", "a".repeat(5000))));
    }
}
