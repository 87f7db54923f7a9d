import { render } from 'preact';
import './style/tokens.css';
import './style/base.css';
import { App } from './app';
import { lookWhoIsHere } from './core/session';

render(<App />, document.getElementById('app')!);
void lookWhoIsHere();
