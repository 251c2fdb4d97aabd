//! Writes an address book of invented people in the format of a Google Contacts export.
//!
//! The same number of contacts gives the same bytes, on every machine: `contacts.csv` beside this file is
//! `generate(1_000)`, and a test keeps it so.

use std::io;

use csv::WriterBuilder;

use super::progress::Progress;

/// Header of an export of 2025, in Google's order.
const HEADER: [&str; 34] = [
    "First Name",
    "Middle Name",
    "Last Name",
    "Phonetic First Name",
    "Phonetic Middle Name",
    "Phonetic Last Name",
    "Name Prefix",
    "Name Suffix",
    "Nickname",
    "File As",
    "Organization Name",
    "Organization Title",
    "Organization Department",
    "Birthday",
    "Notes",
    "Photo",
    "Labels",
    "E-mail 1 - Label",
    "E-mail 1 - Value",
    "E-mail 2 - Label",
    "E-mail 2 - Value",
    "Phone 1 - Label",
    "Phone 1 - Value",
    "Address 1 - Label",
    "Address 1 - Formatted",
    "Address 1 - Street",
    "Address 1 - City",
    "Address 1 - PO Box",
    "Address 1 - Region",
    "Address 1 - Postal Code",
    "Address 1 - Country",
    "Address 1 - Extended Address",
    "Website 1 - Label",
    "Website 1 - Value",
];

const FIRST: [&str; 40] = [
    "Amara", "Anaïs", "Bilal", "Björn", "Carmen", "Chidi", "Dagny", "Dmitri", "Edda", "Emeka", "Farah", "Félix",
    "Greta", "Hana", "Hassan", "Ingrid", "Ivo", "Jelena", "Joaquín", "Kaito", "Katya", "Leïla", "Luca", "Marisol",
    "Mehmet", "Mónica", "Nadia", "Noor", "Olu", "Paloma", "Priya", "Rafael", "Samira", "Søren", "Tamar", "Tomás",
    "Uma", "Viktor", "Wanjiru", "Zofia",
];

const LAST: [&str; 50] = [
    "Abara",
    "Aguilar",
    "Bergström",
    "Bianchi",
    "Castellanos",
    "Çelik",
    "Dahl",
    "Desai",
    "Eriksen",
    "Fontaine",
    "Fujimoto",
    "García",
    "Haddad",
    "Hofmann",
    "Ibarra",
    "Ivanova",
    "Jansen",
    "Joshi",
    "Kaplan",
    "Kimura",
    "Kovács",
    "Lindqvist",
    "Lombardi",
    "Marchetti",
    "Mensah",
    "Moreau",
    "Nakamura",
    "Novak",
    "O'Hara",
    "Okafor",
    "Oliveira",
    "Petrov",
    "Quispe",
    "Rahman",
    "Reyes",
    "Romero",
    "Sandoval",
    "Schäfer",
    "Silva",
    "Sörensen",
    "Tanaka",
    "Teixeira",
    "Uzun",
    "Varga",
    "Vega",
    "Weber",
    "Yılmaz",
    "Zamora",
    "Zhou",
    "van Dijk",
];

const FIRM: [(&str, &str); 12] = [
    ("Alder & Finch", "alder-finch"),
    ("Beacon Freight, Ltd", "beacon-freight"),
    ("Cobalt Works", "cobalt-works"),
    ("Drift Studio", "drift-studio"),
    ("Elm Street Clinic", "elm-clinic"),
    ("Fathom Marine", "fathom-marine"),
    ("Granite Row", "granite-row"),
    ("The \"Harbour\" Press", "harbour-press"),
    ("Isobar Weather", "isobar"),
    ("Juniper Foods", "juniper-foods"),
    ("Kestrel Optics", "kestrel-optics"),
    ("Lumen Theatre", "lumen-theatre"),
];

const CITY: [&str; 8] = ["Aarhus", "Braga", "Gdańsk", "Leiden", "Málaga", "Nantes", "Tartu", "Zürich"];

/// The export of an address book with `count` contacts, each with an address of its own.
///
/// # Errors
/// Never, unless memory for the file can't be had: it is written to memory.
pub(crate) fn generate(count: usize) -> Result<Vec<u8>, io::Error> {
    let mut writer = WriterBuilder::new().from_writer(Vec::with_capacity(count * 240));
    writer.write_record(HEADER)?;
    let mut random = SplitMix64(0x00C0_FFEE);
    let mut progress = Progress::new("inventing people", count);
    for number in 1..=count {
        writer.write_record(person(number, &mut random))?;
        progress.advance(1);
    }
    writer.into_inner().map_err(csv::IntoInnerError::into_error)
}

fn person(number: usize, random: &mut SplitMix64) -> [String; HEADER.len()] {
    let (first, last) = (*random.pick(&FIRST), *random.pick(&LAST));
    let mut row = [const { String::new() }; HEADER.len()];
    let mut set = |column: &str, value: String| {
        if let Some(at) = HEADER.iter().position(|name| *name == column) {
            row[at] = value;
        }
    };
    set("First Name", first.into());
    set("Last Name", last.into());
    set("Labels", "* myContacts".into());
    let (firm, domain) = *random.pick(&FIRM);
    let local = format!("{}.{}.{number}", ascii(first), ascii(last));
    if random.one_in(3) {
        set("E-mail 1 - Label", "* Home".into());
        set("E-mail 1 - Value", format!("{local}@mail.example"));
    } else {
        set("Organization Name", firm.into());
        set("E-mail 1 - Label", "* Work".into());
        // Google keeps the case in which somebody typed it.
        let domain = if random.one_in(10) { domain.to_uppercase() } else { domain.to_owned() };
        set("E-mail 1 - Value", format!("{local}@{domain}.example"));
    }
    if random.one_in(5) {
        set("E-mail 2 - Label", "Other".into());
        set("E-mail 2 - Value", format!("{local}@second.example"));
    }
    if random.one_in(2) {
        set("Phone 1 - Label", "Mobile".into());
        set("Phone 1 - Value", format!("+999 555 {:04}", random.below(10_000)));
    }
    if random.one_in(4) {
        let (street, city) = (format!("{} Mill Lane", 1 + random.below(120)), *random.pick(&CITY));
        set("Address 1 - Label", "Home".into());
        set("Address 1 - Formatted", format!("{street}\n{city}"));
        set("Address 1 - Street", street);
        set("Address 1 - City", city.into());
    }
    if random.one_in(8) {
        set("Notes", format!("Met in {}.\nSaid: \"write to me, any time\".", random.pick(&CITY)));
    }
    row
}

/// The letters an address would use for a name.
fn ascii(name: &str) -> String {
    name.to_lowercase()
        .chars()
        .filter_map(|letter| match letter {
            'a'..='z' => Some(letter),
            'á' | 'ä' | 'à' => Some('a'),
            'ç' => Some('c'),
            'é' | 'è' => Some('e'),
            'í' | 'ï' | 'ı' => Some('i'),
            'ñ' => Some('n'),
            'ó' | 'ö' | 'ø' => Some('o'),
            'ü' => Some('u'),
            _ => None,
        })
        .collect()
}

/// Steele, Lea and Flood's generator: three lines, the same sequence everywhere.
struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        // The remainder of a 64-bit number by a `usize` is less than that `usize`.
        usize::try_from(self.next() % bound as u64).unwrap_or_default()
    }

    fn one_in(&mut self, bound: usize) -> bool {
        self.below(bound) == 0
    }

    fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{super::google_csv::read_export, *};

    #[test]
    fn the_shipped_export_is_the_generated_one() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("contact_import/contacts.csv");
        let generated = generate(1_000).expect("written to memory");
        let same = std::fs::read(&path).is_ok_and(|shipped| shipped == generated);
        if !same && std::env::var_os("BLESS").is_some() {
            return std::fs::write(&path, &generated).expect("the file of the repository is writable");
        }
        assert!(same, "contacts.csv differs from generate(1_000); run this test with BLESS=1");
    }

    #[test]
    fn every_generated_contact_is_read_back() {
        for count in [1, 100, 5_000] {
            let export = read_export(&generate(count).expect("written to memory")).expect("an export");
            assert_eq!(export.contacts.len(), count);
            assert_eq!((export.malformed.len(), export.without_email, export.repeated), (0, 0, 0));
        }
    }
}
