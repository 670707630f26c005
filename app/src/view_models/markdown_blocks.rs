//! The Markdown of a model card as blocks of text, to be shown by elements of the page.
//!
//! Only what a card is made of is known: headings, lists, tables, fenced code and paragraphs; within a line
//! escapes, bold and code are undone, so that what is shown is text and can be nothing else.

/// One block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Block {
    /// A heading and its rank, from 1.
    Heading(usize, String),
    /// A list.
    List(Vec<String>),
    /// The head of a table, and its rows.
    Table(Vec<String>, Vec<Vec<String>>),
    /// Code.
    Code(String),
    /// A paragraph.
    Paragraph(String),
}

/// The blocks of `markdown`.
pub(crate) fn blocks(markdown: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = markdown.lines().peekable();
    while let Some(line) = lines.next() {
        if line.starts_with("```") {
            let fence: String = line.chars().take_while(|letter| *letter == '`').collect();
            let code: Vec<&str> = lines.by_ref().take_while(|line| *line != fence).collect();
            blocks.push(Block::Code(code.join("\n")));
        } else if let Some(item) = line.strip_prefix("- ") {
            match blocks.last_mut() {
                Some(Block::List(items)) => items.push(text(item)),
                _ => blocks.push(Block::List(vec![text(item)])),
            }
        } else if line.starts_with('|') {
            let cells = cells(line);
            match blocks.last_mut() {
                Some(Block::Table(_, rows)) => {
                    if !cells.iter().all(|cell| cell.trim_matches([':', '-']).is_empty()) {
                        rows.push(cells);
                    }
                }
                _ => blocks.push(Block::Table(cells, Vec::new())),
            }
        } else if let Some(title) = line.strip_prefix('#') {
            let rank = 1 + title.chars().take_while(|letter| *letter == '#').count();
            blocks.push(Block::Heading(rank, text(title.trim_start_matches('#'))));
        } else if !line.trim().is_empty() {
            blocks.push(Block::Paragraph(text(line)));
        } else if lines.peek().is_some_and(|next| next.starts_with('|')) {
            // Two tables that follow each other are two.
            blocks.push(Block::Paragraph(String::new()));
        }
    }
    blocks.retain(|block| *block != Block::Paragraph(String::new()));
    blocks
}

/// The cells of a table's line; an escaped bar is none between two.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut letters = line.trim().trim_start_matches('|').chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '|' if letters.peek().is_none() => {}
            '|' => cells.push(String::new()),
            letter => {
                let Some(cell) = cells.last_mut() else { continue };
                cell.push(letter);
                if letter == '\\' {
                    cell.extend(letters.next());
                }
            }
        }
    }
    cells.iter().map(|cell| text(cell)).collect()
}

/// A line without its marks.
fn text(line: &str) -> String {
    let mut text = String::new();
    let mut letters = line.trim().chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => text.extend(letters.next()),
            '*' | '`' => {}
            letter => text.push(letter),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use model_core::card::ModelCard;

    use super::*;
    use crate::view_models::fixtures::{built_in, mixed};

    #[test]
    fn each_kind_of_block_is_found() {
        let found = blocks(
            "# One\n\nWords **bold** of\\_it.\n\n- a `b`\n- c\n\n| x \\| y | n |\n| --- | ---: |\n| 1 | 2 |\n\n| z |\n| --- |\n| 3 |\n\n````sh\nrun ```\n````\n",
        );
        let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            found,
            [
                Block::Heading(1, "One".to_owned()),
                Block::Paragraph("Words bold of_it.".to_owned()),
                Block::List(own(&["a b", "c"])),
                Block::Table(own(&["x | y", "n"]), vec![own(&["1", "2"])]),
                Block::Table(own(&["z"]), vec![own(&["3"])]),
                Block::Code("run ```".to_owned()),
            ]
        );
    }

    #[test]
    fn cards_have_all_their_tables_in_shape() {
        for model in [built_in(), mixed()] {
            let found = blocks(&ModelCard::of(&model).markdown());
            assert!(
                matches!(&found[0], Block::Heading(1, title) if title.starts_with("Model card"))
            );
            let tables = found.iter().filter_map(|block| match block {
                Block::Table(head, rows) => Some((head, rows)),
                _ => None,
            });
            let mut n_tables = 0;
            for (head, rows) in tables {
                n_tables += 1;
                assert!(!rows.is_empty() && rows.iter().all(|row| row.len() == head.len()));
            }
            assert!(n_tables >= 2);
        }
    }
}
