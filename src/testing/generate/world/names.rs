//! Names of places and streets, and how other scripts write them.

use crate::testing::random::Random;

/// A piece of a name, and what Cyrillic, Greek, Arabic and Japanese make of it.
type Piece = (&'static str, &'static str, &'static str, &'static str, &'static str);

const HEADS: [Piece; 24] = [
    ("Schel", "Шел", "Σελ", "شل", "シェル"),
    ("Gamp", "Гамп", "Γκαμπ", "غامب", "ガンプ"),
    ("Rug", "Руг", "Ρουγκ", "روغ", "ルグ"),
    ("Mau", "Мау", "Μάου", "ماو", "マウ"),
    ("Esch", "Эш", "Ες", "إش", "エッシュ"),
    ("Plan", "План", "Πλαν", "بلان", "プラン"),
    ("Tri", "Три", "Τρι", "تري", "トリ"),
    ("Bal", "Баль", "Μπαλ", "بال", "バル"),
    ("Va", "Ва", "Φα", "فا", "ファ"),
    ("Stör", "Штёр", "Στερ", "شتور", "シュテル"),
    ("Mal", "Маль", "Μαλ", "مال", "マル"),
    ("Grü", "Грю", "Γκρι", "غرو", "グリュ"),
    ("Neu", "Ной", "Νόι", "نوي", "ノイ"),
    ("Ober", "Обер", "Όμπερ", "أوبر", "オーバー"),
    ("Unter", "Унтер", "Ούντερ", "أونتر", "ウンター"),
    ("Lin", "Лин", "Λιν", "لين", "リン"),
    ("Wald", "Вальд", "Βαλντ", "فالد", "ヴァルト"),
    ("Hinter", "Хинтер", "Χίντερ", "هنتر", "ヒンター"),
    ("Sil", "Зиль", "Ζιλ", "زيل", "ジル"),
    ("Fal", "Фаль", "Φαλ", "فال", "ファル"),
    ("Kirch", "Кирх", "Κιρχ", "كيرش", "キルヒ"),
    ("Bär", "Бер", "Μπερ", "بير", "ベール"),
    ("Rön", "Рён", "Ρεν", "رون", "レーン"),
    ("Zwi", "Цви", "Τσβι", "تسفي", "ツヴィ"),
];

const TAILS: [Piece; 16] = [
    ("berg", "берг", "μπεργκ", "برغ", "ベルク"),
    ("rin", "рин", "ριν", "رين", "リン"),
    ("gell", "гелль", "γκελ", "غل", "ゲル"),
    ("ren", "рен", "ρεν", "رن", "レン"),
    ("ken", "кен", "κεν", "كن", "ケン"),
    ("zers", "церс", "τσερς", "تسرس", "ツェルス"),
    ("duz", "дуц", "ντουτς", "دوتس", "ドゥーツ"),
    ("bun", "бун", "μπουν", "بون", "ブン"),
    ("bühl", "бюль", "μπιλ", "بول", "ビュール"),
    ("feld", "фельд", "φελντ", "فلد", "フェルト"),
    ("heim", "хайм", "χάιμ", "هايم", "ハイム"),
    ("dorf", "дорф", "ντορφ", "دورف", "ドルフ"),
    ("tal", "таль", "ταλ", "تال", "タール"),
    ("bach", "бах", "μπαχ", "باخ", "バッハ"),
    ("au", "ау", "άου", "آو", "アウ"),
    ("stein", "штайн", "στάιν", "شتاين", "シュタイン"),
];

const WAYS: [&str; 14] = [
    "strasse", "strasse", "strasse", "weg", "weg", "gass", "gasse", "rain", "halde", "ried", "rütte",
    "winkel", "platz", "loch",
];

const WORDS: [&str; 40] = [
    "Land",
    "Bahnhof",
    "Schul",
    "Kirch",
    "Dorf",
    "Feld",
    "Mühle",
    "Garten",
    "Rhein",
    "Widum",
    "Egerta",
    "Loch",
    "Tannwald",
    "Oberbühl",
    "Bühl",
    "Rosen",
    "Linden",
    "Peter- und Paul-",
    "Essane",
    "Kreuz",
    "Sand",
    "Stein",
    "Berg",
    "Wald",
    "Quader",
    "Fürst-Franz-Josef-",
    "Im Zentrum ",
    "Sennerei",
    "Hinter",
    "Ober",
    "Unter",
    "Neu",
    "Alte ",
    "Industrie",
    "Reben",
    "Specki",
    "Gerber",
    "Pradafant",
    "St. Luzi-",
    "Haldenruh",
];

/// A name in several scripts.
#[derive(Clone, Debug)]
pub(super) struct Name {
    pub latin: String,
    pub cyrillic: String,
    pub greek: String,
    pub arabic: String,
    pub japanese: String,
}

/// The name of a place.
pub(super) fn place(random: &mut Random) -> Name {
    let (head, tail) = (random.pick(&HEADS), random.pick(&TAILS));
    let join = |head: &str, tail: &str| format!("{head}{tail}");
    Name {
        latin: join(head.0, tail.0),
        cyrillic: join(head.1, tail.1),
        greek: join(head.2, tail.2),
        arabic: join(head.3, tail.3),
        japanese: join(head.4, tail.4),
    }
}

/// The name of a street, river, field: one word of two parts, now and then two words.
pub(super) fn street(random: &mut Random) -> String {
    match random.below(8) {
        0 => place(random).latin,
        1 | 2 => format!("{}{}", place(random).latin, random.pick(&WAYS)),
        3 => format!("{}er {}", place(random).latin, capital(random.pick::<&str>(&WAYS))),
        _ => format!("{}{}", random.pick(&WORDS), random.pick(&WAYS)),
    }
}

pub(super) fn water(random: &mut Random) -> String {
    let tail = random.pick(&["bach", "bach", "bächle", "graben", "kanal", "tobel"]);
    match random.below(3) {
        0 => format!("{}{tail}", random.pick(&WORDS)),
        _ => format!("{}{tail}", place(random).latin),
    }
}

pub(super) fn peak(random: &mut Random) -> String {
    let tail = random.pick(&["spitz", "kopf", "berg", "horn", "grat", "joch"]);
    match random.below(5) {
        0 => format!("Hinterer {}{tail}", place(random).latin),
        _ => format!("{}{tail}", place(random).latin),
    }
}

/// A word with a capital at its head.
fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
