package tributary.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tributary.rules.Cases.Case;

/// The cases of the language: those that everybody shares, and those of this project for every clause and trap.
class ConformanceTest {
    private static final List<String> FILES = List.of(
            "conformance.json",
            "cases-aws.json",
            "cases-expressions.json",
            "cases-windows.json",
            "cases-stateful.json",
            "cases-errors.json");

    static List<Case> cases() throws IOException {
        List<Case> all = new ArrayList<>();
        for (String file : FILES) {
            all.addAll(Cases.read(file));
        }
        return all;
    }

    static List<Case> running() throws IOException {
        return cases().stream().filter(one -> one.json().containsKey("out")).toList();
    }

    static List<Case> refused() throws IOException {
        return cases().stream().filter(one -> one.json().containsKey("error")).toList();
    }

    @ParameterizedTest
    @MethodSource("running")
    void aRuleGivesTheOutputsOfItsCase(Case one) {
        Cases.check(one, Cases.run(one, false));
    }

    @ParameterizedTest
    @MethodSource("running")
    void aRuleThatIsWrittenDownAndReadBackAfterEveryMessageGivesTheSame(Case one) {
        Cases.check(one, Cases.run(one, true));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void aStatementThatCannotRunIsRefusedWithItsPlace(Case one) {
        Rule.Compiled compiled = Rule.compile(one.sql(), Cases.options(one.json()));
        assertThat(compiled).as(one.sql()).isInstanceOf(Rule.Compiled.Refused.class);
        Mistake mistake = ((Rule.Compiled.Refused) compiled).mistake();
        Map<?, ?> error = (Map<?, ?>) one.json().get("error");
        assertThat(mistake.what()).as(one.name()).contains((String) error.get("says"));
        assertThat(mistake.line() + ":" + mistake.column())
                .as(one.name() + " " + mistake)
                .isEqualTo(error.get("at"));
    }
}
