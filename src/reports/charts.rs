//! Charts as SVG made here: horizontal bars, since group names are long. No tooltips and no animation: they need inline
//! styles, which the pages' content policy blocks. Background and text take the page's colours by its style sheet; every
//! chart stands above a table with the same figures.

use charts_rs::{Color, HorizontalBarChart, LegendCategory, Series};

use crate::core::{Error, Result};

/// Width of the drawing; the page scales it to the room there is.
const WIDTH: f32 = 400.0;
/// Height of one bar with its gap.
const BAR: f32 = 15.0;

/// The palette, told apart in light and dark and by people who see no red or green.
const COLORS: [(u8, u8, u8); 4] = [(74, 126, 187), (226, 152, 62), (62, 155, 143), (150, 110, 176)];

/// Bars for each label, one of each series; `name` is read out in place of the drawing.
///
/// # Errors
/// [`Error::Internal`] when the drawing fails.
pub fn bars(name: &str, labels: &[String], series: &[(String, Vec<i64>)]) -> Result<String> {
    let list: Vec<Series> = series
        .iter()
        .map(|(name, values)| {
            #[expect(clippy::cast_precision_loss, reason = "the length of a bar; the table has the figure")]
            let data: Vec<f32> = values.iter().rev().map(|v| *v as f32).collect();
            let mut s = Series::new(measured(name), data);
            s.label_show = true;
            s
        })
        .collect();
    let rows = labels.len().max(1) * series.len().max(1);
    let mut chart = HorizontalBarChart::new(list, labels.iter().rev().map(|l| measured(l)).collect());
    chart.width = WIDTH;
    #[expect(clippy::cast_precision_loss, reason = "some dozen rows")]
    let body = rows as f32 * BAR + labels.len() as f32 * 10.0;
    let legend = series.len() > 1;
    chart.height = body + if legend { 70.0 } else { 40.0 };
    chart.margin = charts_rs::Box { left: 4.0, top: 4.0, right: 44.0, bottom: 4.0 };
    chart.background_color = Color::transparent();
    chart.font_family = "sans-serif".to_owned();
    chart.series.colors = COLORS.into_iter().map(Color::from).collect();
    chart.legend.show = Some(legend);
    chart.legend.category = LegendCategory::Rect;
    chart.x_axis.font.size = 13.0;
    chart.series.label.font.size = 12.0;
    for axis in &mut chart.y_axis_configs {
        axis.split_number = 4;
        axis.font.size = 12.0;
    }
    let svg = chart.svg().map_err(Error::internal)?;
    let svg = svg.replace(FILLER, "");
    Ok(svg.replacen("<svg ", &format!("<svg role=\"img\" aria-label=\"{}\" ", escaped(name)), 1))
}

/// A character that the measuring font lacks. It is taken out again before anybody sees the drawing.
const FILLER: char = '\u{2060}';

/// The label with as many fillers that its measured width fits the drawn one. Widths are measured with a Latin font in
/// which every character it lacks is 0.443 em wide, fillers too; a Chinese one is drawn 1 em wide. Five fillers beside
/// four Chinese characters make up the difference.
fn measured(label: &str) -> String {
    let wide = label.chars().filter(|c| u32::from(*c) >= 0x2E80).count();
    let mut out = label.replace(FILLER, "");
    out.extend(std::iter::repeat_n(FILLER, (wide * 5).div_ceil(4)));
    out
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_has_nothing_that_the_content_policy_blocks() {
        let labels = ["已报名 <b>".to_owned(), "Sat \"x\"".to_owned()];
        let svg = bars("漏斗 \"a\" <b>", &labels, &[("人数".to_owned(), vec![119, 0]), ("b".to_owned(), vec![1, 2])])
            .unwrap();
        assert!(svg.starts_with("<svg role=\"img\" aria-label=\"漏斗 &quot;a&quot; &lt;b&gt;\""));
        for bad in [" style=", "<style", "<script", "onload", "<b>", "href"] {
            assert!(!svg.contains(bad), "{bad} in {svg}");
        }
        assert!(svg.contains("data-value=\"119\""), "{svg}");
        assert!(!svg.contains(FILLER));
    }

    #[test]
    fn nothing_to_draw_draws_nothing() {
        assert!(bars("x", &[], &[]).unwrap().starts_with("<svg"));
    }

    #[test]
    fn chinese_labels_are_measured_as_wide_as_they_are_drawn() {
        let width = |s: &str| charts_rs::measure_text_width_family("sans-serif", 100.0, s).unwrap().width();
        let w = width(&measured("社会工作师证"));
        assert!((570.0..640.0).contains(&w), "{w}");
        assert_eq!(width(&measured("abc")), width("abc"));
    }
}
