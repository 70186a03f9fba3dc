//! A page for a browser: the printed table, the plot, and links to the files in its folder.

use std::fmt::Write as _;

/// Replaces the characters that HTML reserves.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Builds the page. `picture` is the name of a plot in the folder of the page; `files` are the names of all files in
/// that folder.
pub fn html(title: &str, text: &str, picture: &str, files: &[String]) -> String {
    let mut links = String::new();
    for file in files {
        let name = escaped(file);
        // Writing to a string cannot fail.
        let _ = write!(links, "<li><a href=\"{name}\">{name}</a></li>");
    }
    format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title>\n\
         <style>body{{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem}}\
         pre{{overflow-x:auto;background:#f6f6f6;padding:1rem}}img{{max-width:100%}}</style>\n\
         <h1>{title}</h1>\n<img src=\"{}\" alt=\"Plot of the table below\">\n<pre>{}</pre>\n\
         <ul>{links}</ul>\n</html>\n",
        escaped(picture),
        escaped(text),
        title = escaped(title),
    )
}

#[cfg(test)]
mod tests {
    use super::html;

    #[test]
    fn reserved_characters_are_replaced() {
        let page = html("a < b", "1 & 2", "a.svg", &["b.csv".to_owned()]);
        assert!(page.contains("<h1>a &lt; b</h1>") && page.contains("1 &amp; 2") && page.contains("href=\"b.csv\""));
    }
}
