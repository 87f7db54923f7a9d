package tributary.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What functions can do, and what they cannot.
class ScriptsTest {
    /// The usual limits, but for the time: calls that are fine are not to be ended because the machine stands still.
    private static final Scripts SCRIPTS = new Scripts(new ScriptLimits(
            ScriptLimits.DEFAULTS.statements(), Duration.ofSeconds(30), ScriptLimits.DEFAULTS.bytes()));

    private static final long AT = 1_767_323_045_678L;

    @AfterAll
    static void close() {
        SCRIPTS.close();
    }

    private static FunctionText text(String text) {
        return ((FunctionText.Read.Good) SCRIPTS.check(text)).text();
    }

    private static Answer call(String text, String values) {
        return SCRIPTS.call("main", text(text), new Arguments(values, "", AT, 7));
    }

    private static Answer body(String body) {
        return call("function f(x) { " + body + " }", "[1]");
    }

    @Test
    void valuesGoInAndComeOutAsJson() {
        assertThat(call("function celsius(f) { return (f - 32) * 5 / 9; }", "[212]"))
                .isEqualTo(new Answer.Value("100"));
        assertThat(call("// why\n/* and how */ function f(a, b) { return {a, b: [b, null]}; }", "[{\"k\":1},\"t\"]"))
                .isEqualTo(new Answer.Value("{\"a\":{\"k\":1},\"b\":[\"t\",null]}"));
        assertThat(body("")).isEqualTo(new Answer.Nothing());
        assertThat(body("return null;")).isEqualTo(new Answer.Value("null"));
        assertThat(SCRIPTS.call(
                        "main",
                        text("function f(a, b) { return [typeof a, typeof b]; }"),
                        new Arguments("[null,null]", "1", AT, 7)))
                .isEqualTo(new Answer.Value("[\"object\",\"undefined\"]"));
    }

    @Test
    void mistakesAreToldWithTheirPlace() {
        assertThat(SCRIPTS.check("// a\nfunction f(a) {\n  return 1 +;\n}"))
                .isEqualTo(new FunctionText.Read.Bad(3, 13, "Expected an operand but found ;"));
        assertThat(call("// a\nfunction f(a) {\n  return a.b.c;\n}", "[{}]"))
                .isEqualTo(new Answer.Failed("line 3, column 10: TypeError: Cannot read property 'c' of undefined"));
        assertThat(body("throw new Error('not today');")).asString().contains("not today");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1 + 1",
                "function (a) { return a; }",
                "function F(a) { return a; }",
                "function f(...a) { return a; }",
                "async function f(a) { return a; }",
                "function f(a) { return a; } let n = 0;",
                "function f(a) { return a; } (1)",
                "function f(a) { return a; }); let n = 0; (function g() { return n++; }",
                "let n = 0; function f(a) { return n++; }",
                "function f(a) { return 1n << 1000000000n; }"
            })
    void oneFunctionIsAllThatATextMayBe(String text) {
        assertThat(SCRIPTS.check(text)).isInstanceOf(FunctionText.Read.Bad.class);
    }

    @Test
    void nothingOfTheHostIsThere() {
        assertThat(body("return ['Java', 'Polyglot', 'Graal', 'load', 'print', 'console', 'Packages', 'Atomics',"
                        + " 'SharedArrayBuffer', 'WebAssembly', 'Intl', 'WeakRef', 'FinalizationRegistry', 'Proxy',"
                        + " 'performance', 'quit', 'read', 'require', 'process', 'setTimeout', 'eval', 'BigInt', 'Promise']"
                        + ".filter((name) => name in globalThis);"))
                .isEqualTo(new Answer.Value("[]"));
        assertThat(body("return (() => {}).constructor('return 1')();")).isInstanceOf(Answer.Failed.class);
        assertThat(body("return import('fs');")).asString().doesNotContain("readFile");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "globalThis.n = (globalThis.n || 0) + 1; return globalThis.n || 0;",
                "n = 1; return 0;",
                "Array.prototype.n = (Array.prototype.n || 0) + 1; return [].n || 0;",
                "f.n = (f.n || 0) + 1; return f.n || 0;",
                "f.prototype.n = (f.prototype.n || 0) + 1; return f.prototype.n || 0;",
                "Math.n = (Math.n || 0) + 1; return Math.n || 0;",
                "const p = Object.getPrototypeOf(function* () {}); p.n = (p.n || 0) + 1; return p.n || 0;",
                "const p = Object.getPrototypeOf([].values()); p.n = (p.n || 0) + 1; return p.n || 0;",
                "const n = RegExp.$1 ? 1 : 0; /(a)/.test('a'); return n;",
                "const r = /a/g; r.test('a'); return r.lastIndex - 1;",
                "Date.now = () => 5; return Date.now() === 5 ? 1 : 0;"
            })
    void nothingOutlivesACall(String body) {
        for (int i = 0; i < 3; i++) {
            assertThat(body(body)).isIn(new Answer.Value("0"), new Answer.Nothing());
        }
    }

    @Test
    void clockAndChanceAreThoseOfTheCall() {
        String body =
                "return [Date.now(), new Date().toISOString(), new Date(0).getHours(), Math.random(), Math.random()];";

        Answer first = body(body);

        assertThat(first).asString().contains("1767323045678").contains("2026-01-02T03:04:05.678Z");
        assertThat(body(body)).isEqualTo(first);
        assertThat(SCRIPTS.call("other", text("function f(x) { " + body + " }"), new Arguments("[1]", "", AT, 8)))
                .isNotEqualTo(first);
    }

    @ParameterizedTest
    @Timeout(120)
    @ValueSource(
            strings = {
                "for (;;);",
                "let s = ''; for (;;) s += 'x';",
                "let a = [1, 2, 3]; for (;;) a = a.concat(a);",
                "const a = []; for (;;) a.push('x'.repeat(900000) + a.length);",
                "return Array.from({length: 1e9}, () => ({})).length;",
                "return Array.from({length: 1e9}).length;",
                "return new Array(1e9).fill(1).length;",
                "const a = []; a.length = 4294967295; return a.indexOf(1);",
                "return Array.prototype.indexOf.call({length: 2 ** 53 - 1}, 1);",
                "return Array.prototype.indexOf.call({get length() { return 2 ** 53 - 1; }}, 1);",
                "const a = []; a.length = 4294967295; return [...a].length;",
                "return 'x'.repeat(1 << 29).length;",
                "return new Float64Array(1e9).length;",
                "return new ArrayBuffer(2e9).byteLength;",
                "return f(x);",
                "return {toJSON() { for (;;); }};"
            })
    void whatRunsAwayIsEndedAndTheNextCallIsFine(String body) {
        Answer ended = body(body);

        assertThat(ended).as(body).isInstanceOfAny(Answer.Stopped.class, Answer.Failed.class);
        assertThat(body("return x;")).isEqualTo(new Answer.Value("1"));
    }

    @Test
    @Timeout(120)
    void timeIsALimitWhereStatementsAreNone() {
        try (Scripts hasty = new Scripts(new ScriptLimits(Long.MAX_VALUE, Duration.ofMillis(200), 64L << 20))) {
            assertThat(hasty.call("main", text("function f() { for (;;); }"), new Arguments("[]", "", AT, 7)))
                    .isEqualTo(new Answer.Stopped("it took longer than 200 ms"));
        }
    }

    @Test
    void memoryIsALimitOfThreadsThatNobodyCountsToo() throws InterruptedException {
        AtomicReference<Answer> answer = new AtomicReference<>(new Answer.Nothing());

        Thread.ofVirtual()
                .start(() -> answer.set(body("const a = []; for (let i = 0; i < 1000; i++)"
                        + " a.push('x'.repeat(900000) + i); return a.map((s) => s.toUpperCase()).length;")))
                .join();

        assertThat(answer.get()).isEqualTo(new Answer.Stopped("it took more than 64 MB of memory"));
    }

    @Test
    void nothingIsLoadedBeforeAFunctionIs() {
        try (Scripts fresh = new Scripts()) {
            fresh.check("not a function");
            assertThat(fresh.loaded()).isFalse();
            fresh.check("function f() {}");
            assertThat(fresh.loaded()).isTrue();
        }
    }

    @Test
    void headIsReadWithoutRunningAnything() {
        assertThat(FunctionText.read("/* a */\n// b\nfunction  scale_2 ( a , b ) { return a * b; }\n"))
                .isEqualTo(new FunctionText.Read.Good(new FunctionText(
                        "scale_2", List.of("a", "b"), "function  scale_2 ( a , b ) { return a * b; }", 3)));
    }
}
