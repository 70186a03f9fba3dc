//! PNG: tables of pictures, and curves.

use anyhow::Result;
use embedded_graphics::Drawable;
use embedded_graphics::{
    Pixel,
    draw_target::DrawTarget,
    geometry::{OriginDimensions, Point, Size},
    mono_font::{MonoTextStyle, ascii::FONT_7X13},
    pixelcolor::{Rgb888, RgbColor},
    primitives::{Line, Polyline, Primitive, PrimitiveStyle},
    text::{Alignment, Text},
};

/// A drawing area, white at first.
pub struct Canvas {
    width: u32,
    height: u32,
    bytes: Vec<u8>,
}

impl Canvas {
    pub fn new(width: u32, height: u32) -> Self {
        Self { width, height, bytes: vec![255; 3 * width as usize * height as usize] }
    }

    /// Returns the picture as a PNG file.
    pub fn png(&self) -> Result<Vec<u8>> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, self.width, self.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.write_header()?.write_image_data(&self.bytes)?;
        Ok(file)
    }

    fn square(&mut self, left: usize, top: usize, size: usize, color: Rgb888) {
        for (y, x) in (top..top + size).flat_map(|y| (left..left + size).map(move |x| (y, x))) {
            let at = 3 * (y * self.width as usize + x);
            if let Some(pixel) = self.bytes.get_mut(at..at + 3).filter(|_| x < self.width as usize) {
                pixel.copy_from_slice(&[color.r(), color.g(), color.b()]);
            }
        }
    }
}

impl OriginDimensions for Canvas {
    fn size(&self) -> Size {
        Size::new(self.width, self.height)
    }
}

impl DrawTarget for Canvas {
    type Color = Rgb888;
    type Error = core::convert::Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<Rgb888>>>(&mut self, pixels: I) -> Result<(), Self::Error> {
        for Pixel(Point { x, y }, color) in pixels {
            if let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) {
                self.square(x, y, 1, color);
            }
        }
        Ok(())
    }
}

/// Draws rows of pictures of equal width. Pixels are from 0 (paper) to 1 (ink).
pub fn table(rows: &[&[f32]], width: usize) -> Canvas {
    let pixels = width * width;
    let (scale, gap) = ((48 / width).max(2), 4);
    let cell = width * scale + gap;
    let columns = rows.iter().map(|row| row.len() / pixels).max().unwrap_or(0);
    let mut canvas = Canvas::new((columns * cell + gap) as u32, (rows.len() * cell + gap) as u32);
    canvas.bytes.fill(200);
    for (line, row) in rows.iter().enumerate() {
        for (column, picture) in row.chunks_exact(pixels).enumerate() {
            for (place, &ink) in picture.iter().enumerate() {
                let gray = 255 - (ink.clamp(0.0, 1.0) * 255.0) as u8;
                let (x, y) = (place % width, place / width);
                let (left, top) = (gap + column * cell + x * scale, gap + line * cell + y * scale);
                canvas.square(left, top, scale, Rgb888::new(gray, gray, gray));
            }
        }
    }
    canvas
}

/// A curve: its name, and its points in order.
pub struct Curve {
    pub name: String,
    pub points: Vec<(f64, f64)>,
}

/// Colors by Okabe and Ito, distinguishable with any kind of color vision.
const COLORS: [(u8, u8, u8); 8] = [
    (0, 114, 178),
    (213, 94, 0),
    (0, 158, 115),
    (204, 121, 167),
    (86, 180, 233),
    (230, 159, 0),
    (0, 0, 0),
    (140, 140, 140),
];

const LEFT: i32 = 70;
const TOP: i32 = 30;
const WIDTH: i32 = 640;
const HEIGHT: i32 = 380;

/// Draws curves in one frame, cut off below `floor`.
pub fn curves(title: &str, x: &str, floor: f64, curves: &[Curve]) -> Result<Canvas> {
    let mut canvas = Canvas::new(LEFT as u32 + WIDTH as u32 + 190, TOP as u32 + HEIGHT as u32 + 50);
    let all = || curves.iter().flat_map(|curve| &curve.points);
    let right = all().fold(1.0_f64, |most, &(x, _)| most.max(x));
    let highest = all().fold(floor, |most, &(_, y)| most.max(y));
    let step = round_step((highest - floor) / 6.0);
    let highest = (highest / step).ceil() * step;
    let floor = (floor / step).floor() * step;
    let place = |(x, y): (f64, f64)| {
        let up = ((y - floor) / (highest - floor)).clamp(0.0, 1.0);
        Point::new(LEFT + (x / right * f64::from(WIDTH)) as i32, TOP + HEIGHT - (up * f64::from(HEIGHT)) as i32)
    };
    let text = MonoTextStyle::new(&FONT_7X13, Rgb888::BLACK);
    let gray = PrimitiveStyle::with_stroke(Rgb888::new(220, 220, 220), 1);
    let ticks = ((highest - floor) / step).round() as i32;
    for tick in 0..=ticks {
        let y = floor + f64::from(tick) * step;
        let at = place((0.0, y));
        Line::new(at, at + Point::new(WIDTH, 0)).into_styled(gray).draw(&mut canvas)?;
        let digits = if step < 1.0 { 1 } else { 0 };
        Text::with_alignment(&format!("{y:.digits$}"), at + Point::new(-6, 4), text, Alignment::Right)
            .draw(&mut canvas)?;
    }
    let step = round_step(right / 6.0);
    for tick in 0..=(right / step) as i32 {
        let at = place((f64::from(tick) * step, floor));
        Line::new(at, at - Point::new(0, HEIGHT)).into_styled(gray).draw(&mut canvas)?;
        let label = format!("{:.0}", f64::from(tick) * step);
        Text::with_alignment(&label, at + Point::new(0, 16), text, Alignment::Center).draw(&mut canvas)?;
    }
    Text::new(title, Point::new(LEFT, 18), text).draw(&mut canvas)?;
    let under = Point::new(LEFT + WIDTH / 2, TOP + HEIGHT + 38);
    Text::with_alignment(x, under, text, Alignment::Center).draw(&mut canvas)?;
    for (number, curve) in curves.iter().enumerate() {
        let (r, g, b) = COLORS[number % COLORS.len()];
        let color = Rgb888::new(r, g, b);
        // If there are more curves than colours, the others are thin.
        let stroke = PrimitiveStyle::with_stroke(color, if number < COLORS.len() { 2 } else { 1 });
        let points: Vec<Point> = curve.points.iter().filter(|(_, y)| *y >= floor).map(|&point| place(point)).collect();
        Polyline::new(&points).into_styled(stroke).draw(&mut canvas)?;
        let at = Point::new(LEFT + WIDTH + 14, TOP + 14 + 18 * number as i32);
        Line::new(at, at + Point::new(18, 0)).into_styled(stroke).draw(&mut canvas)?;
        Text::new(&curve.name, at + Point::new(24, 4), MonoTextStyle::new(&FONT_7X13, color)).draw(&mut canvas)?;
    }
    Ok(canvas)
}

/// Returns the smallest 1, 2 or 5 times a power of ten that is at least `step`.
fn round_step(step: f64) -> f64 {
    let power = 10_f64.powf(step.max(1e-6).log10().floor());
    power * [1.0, 2.0, 5.0, 10.0].into_iter().find(|&round| round * power >= step).unwrap_or(10.0)
}
