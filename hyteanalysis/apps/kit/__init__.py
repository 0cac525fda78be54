"""What every page is made of: address, releases, controls, cards with figures, words as HTML, jobs beside the page."""
