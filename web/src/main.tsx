/** Puts the pages on the screen. */
import { render } from 'preact'
import { App } from './app.tsx'
import './style/tokens.css'
import './style/base.css'
import './style/frame.css'

const place = document.getElementById('app')
if (place !== null) render(<App />, place)
