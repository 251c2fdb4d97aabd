//! Reads a Google Contacts CSV export: today's header and the one used before 2024.
//!
//! A row that can't be read is reported with its line and skipped; the rows around it are kept,
//! even behind a quote that nobody closed.

use std::{
    collections::HashMap,
    fmt,
    io::{self, Cursor},
};

use csv::{ByteRecord, Position, Reader, ReaderBuilder};

use super::progress::Progress;

/// One person of the address book, known by a lower-cased e-mail address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Contact {
    pub(crate) email: String,
    /// As people call them; the organization or the address where the export has no name.
    pub(crate) name: String,
    pub(crate) organization: String,
    pub(crate) phone: String,
}

/// What an export held.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Export {
    /// In the order of the file; each address once.
    pub(crate) contacts: Vec<Contact>,
    /// Rows that were skipped, in the order of the file.
    pub(crate) malformed: Vec<MalformedRow>,
    /// Rows without any e-mail address. The address is the key, so they aren't imported.
    pub(crate) without_email: usize,
    /// Rows that repeat the address of an earlier one. The last one wins.
    pub(crate) repeated: usize,
}

/// A row that couldn't be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct MalformedRow {
    /// Line of the file on which the row starts, from 1; the header is line 1.
    pub(crate) line: u64,
    pub(crate) fault: RowFault,
}

impl fmt::Display for MalformedRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.fault)
    }
}

/// Why a row couldn't be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RowFault {
    #[error("{found} fields where the header has {expected}")]
    FieldCount { found: usize, expected: usize },
    #[error("several lines with the wrong number of fields: is a quote left open?")]
    OpenQuote,
    #[error("column `{column}` is not UTF-8")]
    NotUtf8 { column: String },
    #[error("`{value}` is not an e-mail address")]
    Address { value: String },
}

/// Why a file is no Google Contacts export at all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExportError {
    #[error("the file is empty")]
    Empty,
    #[error("the file is UTF-16; save it as UTF-8")]
    Utf16,
    #[error("not a Google Contacts CSV export: {found}{hint}")]
    OtherFormat { found: String, hint: &'static str },
    #[error("the file can't be read as CSV")]
    Csv(#[from] csv::Error),
    #[error("the file can't be read")]
    Io(#[from] io::Error),
}

const HOW_TO_EXPORT: &str = "\n  write one at https://contacts.google.com: Export, then \"Google CSV\"";
const HINT_OUTLOOK: &str = "\n  this looks like \"Outlook CSV\"; export again and choose \"Google CSV\"";
const HINT_VCARD: &str = "\n  this is a vCard file; export again and choose \"Google CSV\"";
const HINT_SEMICOLONS: &str = "\n  its columns are separated by semicolons; a spreadsheet program has saved it anew";

/// Reads a whole export.
///
/// # Errors
/// If the bytes are no Google Contacts export. Faults of single rows are part of the result.
pub(crate) fn read_export(bytes: &[u8]) -> Result<Export, ExportError> {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err(ExportError::Utf16);
    }
    let mut reader = ReaderBuilder::new().flexible(true).has_headers(false).from_reader(Cursor::new(bytes));
    let mut record = ByteRecord::new();
    if !reader.read_byte_record(&mut record)? {
        return Err(ExportError::Empty);
    }
    let header = Header::parse(&record)?;
    let mut rows = Rows { reader, bytes, header, row_starts_at: Position::new() };

    let mut export = Export::default();
    let mut place_of: HashMap<String, usize> = HashMap::new();
    let mut progress = Progress::new("reading contacts", bytes.len());
    while let Some(row) = rows.next(&mut record)? {
        progress.advance(rows.bytes_of_row());
        match row {
            Ok(Some(contact)) => {
                if let Some(&at) = place_of.get(&contact.email) {
                    export.repeated += 1;
                    export.contacts[at] = contact;
                } else {
                    place_of.insert(contact.email.clone(), export.contacts.len());
                    export.contacts.push(contact);
                }
            }
            Ok(None) => export.without_email += 1,
            Err(fault) => export.malformed.push(fault),
        }
    }
    Ok(export)
}

/// Goes through the rows and finds its way back after a broken one.
struct Rows<'a> {
    reader: Reader<Cursor<&'a [u8]>>,
    bytes: &'a [u8],
    header: Header,
    row_starts_at: Position,
}

impl Rows<'_> {
    /// The next row: a contact, `Ok(None)` if it has no address, or its fault. `None` at the end.
    fn next(&mut self, record: &mut ByteRecord) -> Result<Option<Result<Option<Contact>, MalformedRow>>, csv::Error> {
        self.row_starts_at = first_content_from(self.bytes, self.reader.position());
        if !self.reader.read_byte_record(record)? {
            return Ok(None);
        }
        let line = self.row_starts_at.line();
        let row = if record.len() == self.header.columns.len() {
            self.header.contact(record)
        } else if let Some(next_line) = self.second_line_of_row() {
            // Whatever followed the open quote was read as part of it: go back.
            self.reader.seek(next_line)?;
            Err(RowFault::OpenQuote)
        } else {
            Err(RowFault::FieldCount { found: record.len(), expected: self.header.columns.len() })
        };
        Ok(Some(row.map_err(|fault| MalformedRow { line, fault })))
    }

    fn bytes_of_row(&self) -> usize {
        usize::try_from(self.reader.position().byte().saturating_sub(self.row_starts_at.byte())).unwrap_or_default()
    }

    /// Where the second line of the row just read begins, if it has one.
    fn second_line_of_row(&self) -> Option<Position> {
        let start = usize::try_from(self.row_starts_at.byte()).ok()?;
        let end = usize::try_from(self.reader.position().byte()).ok()?.min(self.bytes.len());
        let row = self.bytes.get(start..end)?.trim_ascii_end();
        let line_end = start + row.iter().position(|&byte| byte == b'\n')? + 1;
        let mut next = self.row_starts_at.clone();
        next.set_byte(line_end as u64).set_line(self.row_starts_at.line() + 1);
        Some(next)
    }
}

/// Skips what the reader skips between rows, so that a row is reported on the line of its first character.
fn first_content_from(bytes: &[u8], from: &Position) -> Position {
    let mut position = from.clone();
    let start = usize::try_from(from.byte()).unwrap_or(usize::MAX);
    for &byte in bytes.get(start..).unwrap_or_default() {
        match byte {
            b'\n' => position.set_line(position.line() + 1),
            b'\r' => &mut position,
            _ => break,
        };
        position.set_byte(position.byte() + 1);
    }
    position
}

/// Which column holds what.
struct Header {
    columns: Vec<String>,
    /// Parts of the name, joined by spaces.
    name: Vec<usize>,
    organization: Option<usize>,
    phone: Option<usize>,
    emails: Vec<usize>,
}

impl Header {
    fn parse(record: &ByteRecord) -> Result<Self, ExportError> {
        let columns: Vec<String> =
            record.iter().map(|column| String::from_utf8_lossy(column).trim().to_owned()).collect();
        let find = |wanted: &str| columns.iter().position(|column| column == wanted);

        // Each export has these, whatever the address book holds; no other program writes them.
        let today = [find("First Name"), find("Labels"), find("File As")];
        let before_2024 = [find("Given Name"), find("Group Membership"), find("Yomi Name")];
        let name = if today.iter().all(Option::is_some) {
            ["First Name", "Middle Name", "Last Name"].iter().filter_map(|part| find(part)).collect()
        } else if before_2024.iter().all(Option::is_some) {
            find("Name").into_iter().collect()
        } else {
            return Err(other_format(&columns));
        };
        let emails = (1..).map_while(|nth| find(&format!("E-mail {nth} - Value"))).collect();
        let organization = find("Organization Name").or_else(|| find("Organization 1 - Name"));
        let phone = find("Phone 1 - Value");
        Ok(Self { columns, name, organization, phone, emails })
    }

    /// The contact of one row, `None` if it has no address.
    fn contact(&self, record: &ByteRecord) -> Result<Option<Contact>, RowFault> {
        for (field, column) in record.iter().zip(&self.columns) {
            if std::str::from_utf8(field).is_err() {
                return Err(RowFault::NotUtf8 { column: column.clone() });
            }
        }
        let text = |column: usize| std::str::from_utf8(&record[column]).unwrap_or_default().trim();
        // Google writes several values of one label into one cell, with this between them.
        let first_value = |column: usize| text(column).split(" ::: ").next().unwrap_or_default().trim();

        let Some(address) = self.emails.iter().map(|&column| first_value(column)).find(|value| !value.is_empty())
        else {
            return Ok(None);
        };
        if !is_address(address) {
            return Err(RowFault::Address { value: shortened(address) });
        }
        let email = address.to_lowercase();
        let organization = self.organization.map(first_value).unwrap_or_default().to_owned();
        let phone = self.phone.map(first_value).unwrap_or_default().to_owned();
        let parts: Vec<&str> = self.name.iter().map(|&column| text(column)).filter(|part| !part.is_empty()).collect();
        let name = match parts.join(" ") {
            name if !name.is_empty() => name,
            _ if !organization.is_empty() => organization.clone(),
            _ => email.clone(),
        };
        Ok(Some(Contact { email, name, organization, phone }))
    }
}

/// Something, one `@`, something; without white space. What the far side accepts is its own affair.
fn is_address(value: &str) -> bool {
    let parts: Vec<&str> = value.split('@').collect();
    parts.len() == 2
        && parts.iter().all(|part| !part.is_empty())
        && !value.chars().any(|c| c.is_whitespace() || c.is_control())
}

fn other_format(columns: &[String]) -> ExportError {
    let first = columns.first().map_or("", String::as_str);
    let hint = if first.eq_ignore_ascii_case("BEGIN:VCARD") {
        HINT_VCARD
    } else if columns.len() == 1 && first.contains(';') {
        HINT_SEMICOLONS
    } else if columns.iter().any(|column| column == "E-mail Address") {
        HINT_OUTLOOK
    } else {
        HOW_TO_EXPORT
    };
    let shown: Vec<String> = columns.iter().take(3).map(|column| format!("`{}`", shortened(column))).collect();
    let more = if columns.len() > shown.len() { ", …" } else { "" };
    ExportError::OtherFormat { found: format!("its first line is {}{more}", shown.join(", ")), hint }
}

/// Keeps a binary file from filling the screen.
fn shortened(text: &str) -> String {
    let printable: String = text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).take(41).collect();
    match printable.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &printable[..end]),
        None => printable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "First Name,Last Name,File As,Organization Name,Notes,Labels,\
                          E-mail 1 - Label,E-mail 1 - Value,E-mail 2 - Label,E-mail 2 - Value,Phone 1 - Value";

    fn read(rows: &str) -> Export {
        read_export(format!("{HEADER}\n{rows}").as_bytes()).expect("the header is one of an export")
    }

    fn emails(export: &Export) -> Vec<&str> {
        export.contacts.iter().map(|contact| contact.email.as_str()).collect()
    }

    fn faults(export: &Export) -> Vec<String> {
        export.malformed.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn reads_a_contact_of_today() {
        let export = read("Ada,Byron,,Engines Ltd,,* myContacts,* Work,Ada@Example.com,Home,ada@home.test,+44 1\n");
        let ada = Contact {
            email: "ada@example.com".into(),
            name: "Ada Byron".into(),
            organization: "Engines Ltd".into(),
            phone: "+44 1".into(),
        };
        assert_eq!(export, Export { contacts: vec![ada], ..Export::default() });
    }

    #[test]
    fn reads_the_header_used_before_2024() {
        let export = read_export(
            b"Name,Given Name,Family Name,Yomi Name,Group Membership,E-mail 1 - Type,E-mail 1 - Value,\
              Phone 1 - Value,Organization 1 - Name\n\
              Ada Byron,Ada,Byron,,* myContacts,* Work,ada@example.com ::: second@example.com,+44 1,Engines Ltd\n",
        )
        .expect("an older export");
        assert_eq!(emails(&export), ["ada@example.com"]);
        assert_eq!(export.contacts[0].name, "Ada Byron");
        assert_eq!(export.contacts[0].organization, "Engines Ltd");
    }

    #[test]
    fn names_a_nameless_contact_by_organization_or_address() {
        let export = read(",,,Engines Ltd,,,,info@example.com,,,\n,,,,,,,nobody@example.com,,,\n");
        let names: Vec<&str> = export.contacts.iter().map(|contact| contact.name.as_str()).collect();
        assert_eq!(names, ["Engines Ltd", "nobody@example.com"]);
    }

    #[test]
    fn takes_the_second_address_where_the_first_is_empty() {
        assert_eq!(emails(&read("Ada,,,,,,,,Home,ada@home.test,\n")), ["ada@home.test"]);
    }

    #[test]
    fn counts_rows_without_an_address_and_repeated_ones() {
        let export = read("Ada,,,,,,,,,,+44 1\nBea,,,,,,,bea@x.test,,,\nBeatrice,,,,,,,BEA@x.test,,,\n");
        assert_eq!((export.without_email, export.repeated), (1, 1));
        assert_eq!(export.contacts.len(), 1);
        assert_eq!(export.contacts[0].name, "Beatrice");
    }

    #[test]
    fn accepts_a_byte_order_mark_and_both_line_endings() {
        for ending in ["\n", "\r\n"] {
            let text = format!("\u{FEFF}{HEADER}{ending}Ada,,,,,,,ada@x.test,,,{ending}Bea,,,,,,,bea@x.test,,,");
            let export = read_export(text.as_bytes()).expect("an export");
            assert_eq!(emails(&export), ["ada@x.test", "bea@x.test"], "{ending:?}");
            assert_eq!(export.malformed, []);
        }
    }

    #[test]
    fn reports_the_line_on_which_a_row_starts() {
        for ending in ["\n", "\r\n"] {
            // Line 2 and 3 are one row, 4 is blank, 5 is short, 6 is fine, 7 has no address in its address.
            let rows = [
                "Ada,,,,\"a note\nof two lines\",,,ada@x.test,,,",
                "",
                "short,row",
                "Bea,,,,,,,bea@x.test,,,",
                "Cid,,,,,,,cid at x.test,,,",
            ]
            .join("\n");
            let export = read(&rows.replace('\n', ending));
            assert_eq!(emails(&export), ["ada@x.test", "bea@x.test"]);
            assert_eq!(
                faults(&export),
                ["line 5: 2 fields where the header has 11", "line 7: `cid at x.test` is not an e-mail address"],
                "{ending:?}"
            );
        }
    }

    #[test]
    fn an_open_quote_costs_its_own_row_only() {
        for ending in ["\n", "\r\n"] {
            let rows = [
                "Ada,,,,\"never closed,,,ada@x.test,,,",
                "Bea,,,,,,,bea@x.test,,,",
                "Cid,,,\"Quotes, Inc\",,,,cid@x.test,,,",
                "Dot,,,,\"again,,,dot@x.test,,,",
                "Eve,,,,,,,eve@x.test,,,",
            ];
            let export = read(&rows.join(ending));
            assert_eq!(emails(&export), ["bea@x.test", "cid@x.test", "eve@x.test"], "{ending:?}");
            assert_eq!(
                faults(&export),
                [
                    "line 2: several lines with the wrong number of fields: is a quote left open?",
                    "line 5: several lines with the wrong number of fields: is a quote left open?"
                ]
            );
        }
    }

    #[test]
    fn reports_bytes_that_are_not_utf_8() {
        let mut bytes = format!("{HEADER}\n").into_bytes();
        bytes.extend_from_slice(b"Jos\xE9,,,,,,,jose@x.test,,,\nBea,,,,,,,bea@x.test,,,\n");
        let export = read_export(&bytes).expect("an export");
        assert_eq!(faults(&export), ["line 2: column `First Name` is not UTF-8"]);
        assert_eq!(emails(&export), ["bea@x.test"]);
    }

    #[test]
    fn refuses_what_is_no_export_and_says_how_to_get_one() {
        let refusal = |bytes: &[u8]| read_export(bytes).expect_err("not an export").to_string();
        assert_eq!(refusal(b""), "the file is empty");
        assert_eq!(refusal(b"\n\n"), "the file is empty");
        assert_eq!(refusal(b"\xFF\xFEN\0a\0"), "the file is UTF-16; save it as UTF-8");
        assert_eq!(
            refusal(b"id,price\n1,2\n"),
            format!("not a Google Contacts CSV export: its first line is `id`, `price`{HOW_TO_EXPORT}")
        );
        assert!(refusal(b"First Name,Last Name,E-mail Address\n").ends_with(HINT_OUTLOOK));
        assert!(refusal(b"BEGIN:VCARD\nVERSION:3.0\n").ends_with(HINT_VCARD));
        assert!(refusal(HEADER.replace(',', ";").as_bytes()).ends_with(HINT_SEMICOLONS));
        assert!(refusal(&[0, 159, 146, 150].repeat(1000)).len() < 300);
    }

    #[test]
    fn an_address_book_without_addresses_is_an_export() {
        let export = read_export(b"First Name,Last Name,File As,Labels,Phone 1 - Value\nAda,,,,+44 1\n");
        assert_eq!(export.expect("an export").without_email, 1);
    }

    #[test]
    fn addresses() {
        for good in ["a@b", "ada.byron+x@example.co.uk", "jörg@exämple.de"] {
            assert!(is_address(good), "{good}");
        }
        for bad in ["", "a", "@b", "a@", "a@b@c", "a b@c", "a@b\tc"] {
            assert!(!is_address(bad), "{bad}");
        }
    }
}
