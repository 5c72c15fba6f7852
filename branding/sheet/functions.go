package sheet

// functions are those that compute and draw, and the selectors in the form of
// functions. None takes an address: image(), image-set(), src(), cross-fade()
// and attr() are not among them.
var functions = []string{
	// Selectors and conditions.
	"is", "where", "not", "has", "lang", "dir", "nth-child", "nth-last-child", "nth-of-type", "nth-last-of-type", "and", "or",
	"selector", "style",
	// Values.
	"var", "env", "calc", "min", "max", "clamp", "round", "mod", "rem", "abs", "sign", "minmax", "repeat", "fit-content",
	// Colours.
	"rgb", "rgba", "hsl", "hsla", "hwb", "lab", "lch", "oklab", "oklch", "color", "color-mix", "light-dark",
	// Pictures made of colours.
	"linear-gradient", "radial-gradient", "conic-gradient",
	"repeating-linear-gradient", "repeating-radial-gradient", "repeating-conic-gradient",
	// Shapes, movement and filters.
	"inset", "circle", "ellipse", "polygon", "path", "rect", "xywh",
	"matrix", "matrix3d", "perspective", "rotate", "rotate3d", "rotatex", "rotatey", "rotatez", "scale", "scale3d", "scalex", "scaley",
	"scalez", "skew", "skewx", "skewy", "translate", "translate3d", "translatex", "translatey", "translatez",
	"blur", "brightness", "contrast", "drop-shadow", "grayscale", "hue-rotate", "invert", "opacity", "saturate", "sepia",
	"cubic-bezier", "steps", "linear",
}
