//! Names that do not exist, as 26 languages write them.

use crate::testing::random::Random;

/// Languages, in the order of Natural Earth's columns.
pub(super) const LANGUAGES: [&str; 26] = [
    "ar", "bn", "de", "en", "es", "fa", "fr", "el", "he", "hi", "hu", "id", "it", "ja", "ko", "nl", "pl",
    "pt", "ru", "sv", "tr", "uk", "ur", "vi", "zh", "zht",
];

/// Consonants and vowels of a name are numbers of these.
const CONSONANTS: &str = "bdfghklmnprstv";
const VOWELS: &str = "aeiou";

/// What other scripts make of each consonant and each vowel.
const CYRILLIC: [&str; 2] = ["бдфгхклмнпрств", "аеиоу"];
const GREEK: [&str; 2] = ["βδφγχκλμνπρστβ", "αειοω"];
const ARABIC: [&str; 2] = ["بدفغهكلمنبرستف", "اييوو"];
const PERSIAN: [&str; 2] = ["بدفگهکلمنپرستو", "اهیوو"];
const HEBREW: [&str; 2] = ["בדפגהקלמנפרסטו", "אהיוו"];
const DEVANAGARI: [&str; 2] = ["बदफगहकलमनपरसतव", "ाेिोु"];
const BENGALI: [&str; 2] = ["বদফগহকলমনপরসতভ", "ােিোু"];

/// What others write for each syllable, the vowels of a consonant one after the other.
const KATAKANA: &str = "バベビボブダデヂドヅハヘヒホフガゲギゴグハヘヒホフカケキコクラレリロルマメミモムナネニノヌパペピポプラレリロルサセシソスタテチトツバベビボブ";
const SIMPLIFIED: &str = "巴贝比博布达德迪多杜法费菲佛福加格吉戈古哈赫希霍胡卡克基科库拉莱利洛卢马梅米莫穆纳内尼诺努帕佩皮波普拉雷里罗鲁萨塞西索苏塔特蒂托图瓦维维沃武";
const TRADITIONAL: &str = "巴貝比博布達德迪多杜法費菲佛福加格吉戈古哈赫希霍胡卡克基科庫拉萊利洛盧馬梅米莫穆納內尼諾努帕佩皮波普拉雷里羅魯薩塞西索蘇塔特蒂托圖瓦維維沃武";
/// The initial sounds and vowels of Hangul, by their numbers.
const INITIALS: [u32; 14] = [7, 3, 17, 0, 18, 15, 5, 6, 2, 17, 5, 9, 16, 7];
const MEDIALS: [u32; 5] = [0, 5, 20, 8, 13];

/// What a name is of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Country,
    River,
    Place,
}

/// A name in each of [`LANGUAGES`].
pub(super) fn names(random: &mut Random, of: Of) -> [String; 26] {
    let syllables: Vec<[usize; 2]> =
        (0..2 + random.index(2)).map(|_| [random.index(14), random.index(5)]).collect();
    // A large place has names of its own in some languages.
    let exonyms = random.any() & if of == Of::Place && random.chance(3, 4) { 0 } else { random.any() };
    LANGUAGES.map(|language| {
        let index = LANGUAGES.iter().position(|other| *other == language).expect("one of them");
        name(&syllables, language, of, exonyms >> index & 1 == 1)
    })
}

fn name(syllables: &[[usize; 2]], language: &str, of: Of, is_exonym: bool) -> String {
    let letters = |[consonants, vowels]: [&str; 2]| -> String {
        let letter = |of: &str, index: usize| of.chars().nth(index).expect("a letter for each");
        let both = syllables.iter();
        both.flat_map(|&[consonant, vowel]| [letter(consonants, consonant), letter(vowels, vowel)]).collect()
    };
    let signs = |signs: &str| -> String {
        let sign = |[consonant, vowel]: &[usize; 2]| signs.chars().nth(5 * consonant + vowel);
        syllables.iter().map(|syllable| sign(syllable).expect("a sign for each")).collect()
    };
    let river = |text: String, river: &str| if of == Of::River { text + river } else { text };
    match language {
        "ru" | "uk" => {
            let text = capital(&letters(CYRILLIC));
            let text = if language == "uk" { text.replace('и', "і").replace('ы', "и") } else { text };
            if of == Of::Country { text + if language == "uk" { "нія" } else { "ния" } } else { text }
        }
        "el" => capital(&letters(GREEK)),
        "ar" => letters(ARABIC),
        "fa" | "ur" => letters(PERSIAN),
        "he" => letters(HEBREW),
        "hi" => letters(DEVANAGARI),
        "bn" => letters(BENGALI),
        "ja" => river(signs(KATAKANA), "川"),
        "zh" => river(signs(SIMPLIFIED), "河"),
        "zht" => river(signs(TRADITIONAL), "河"),
        "ko" => {
            let sign = |&[consonant, vowel]: &[usize; 2]| {
                let number = 0xac00 + (INITIALS[consonant] * 21 + MEDIALS[vowel]) * 28;
                char::from_u32(number).expect("a syllable of Hangul")
            };
            river(syllables.iter().map(sign).collect(), "강")
        }
        _ => latin(&capital(&letters([CONSONANTS, VOWELS])), language, of, is_exonym),
    }
}

fn latin(stem: &str, language: &str, of: Of, is_exonym: bool) -> String {
    let ending = match (of, language) {
        (Of::Country, "de" | "sv") => "nien",
        (Of::Country, "fr") => "nie",
        (Of::Country, "nl") => "nië",
        (Of::Country, "tr") => "nya",
        (Of::Country, "vi") => "ni-a",
        (Of::Country, "hu") => "nia",
        (Of::Country, _) => "nia",
        (_, "de" | "nl" | "sv") if is_exonym => "n",
        (_, "fr") if is_exonym => "lle",
        (_, "es" | "it" | "pt") if is_exonym => "na",
        (_, "hu" | "pl") if is_exonym => "w",
        _ => "",
    };
    format!("{stem}{ending}")
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
