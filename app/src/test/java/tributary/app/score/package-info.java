/// The scoreboard: the real program under what may happen to it, and a count of what it broke of its promise.
package tributary.app.score;
