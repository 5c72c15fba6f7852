package engine

import (
	"fmt"
	"strings"
)

// Definitions of tests are put together from these pieces of JSON.

func design(kind string, steps ...string) string {
	return fmt.Sprintf(`{"flowType":%q,"steps":[%s]}`, kind, strings.Join(steps, ","))
}

func registration(steps ...string) string { return design("REGISTRATION", steps...) }

func viewStep(id string, components ...string) string {
	return fmt.Sprintf(`{"id":%q,"type":"VIEW","data":{"components":[%s]}}`, id, strings.Join(components, ","))
}

// taskStep is an EXECUTION without a page.
func taskStep(id, executor, next string) string {
	return fmt.Sprintf(`{"id":%q,"type":"EXECUTION","data":{"action":%s}}`, id, runs(executor, next))
}

func endStep(executor string, components ...string) string {
	action := ""
	if executor != "" {
		action = `"action":` + runs(executor, "") + `,`
	}
	return fmt.Sprintf(`{"id":"END","type":"END","data":{%s"components":[%s]}}`, action, strings.Join(components, ","))
}

func formOf(id string, components ...string) string {
	return fmt.Sprintf(`{"id":%q,"category":"BLOCK","type":"FORM","components":[%s]}`, id, strings.Join(components, ","))
}

// inputOf is an INPUT; more is further config, beginning with a comma.
func inputOf(id, identifier, more string) string {
	return fmt.Sprintf(`{"id":%q,"category":"FIELD","type":"INPUT","variant":"TEXT","config":{"identifier":%q%s}}`, id, identifier, more)
}

const required = `,"required":true`

func buttonOf(id, action string) string {
	return fmt.Sprintf(`{"id":%q,"category":"ACTION","type":"BUTTON","action":%s}`, id, action)
}

func resendOf(id string) string {
	return fmt.Sprintf(`{"id":%q,"category":"ACTION","type":"RESEND"}`, id)
}

func textOf(id string) string {
	return fmt.Sprintf(`{"id":%q,"category":"DISPLAY","type":"TYPOGRAPHY","variant":"H1","config":{"text":"Hi & <b>welcome</b>"}}`, id)
}

// goes is a NEXT action, runs one that runs an executor first.
func goes(next string) string { return fmt.Sprintf(`{"type":"NEXT","next":%q}`, next) }

func runs(executor, next string) string {
	if next != "" {
		next = fmt.Sprintf(`,"next":%q`, next)
	}
	return fmt.Sprintf(`{"type":"EXECUTOR","executor":{"name":%q}%s}`, executor, next)
}

// asking is a page whose only button runs AskExecutor.
func asking(id, next string) string {
	return viewStep(id, formOf(id+"_form", inputOf(id+"_answer", "answer", ""), buttonOf(id+"_go", runs("AskExecutor", next)), resendOf(id+"_again")))
}

// plainPage is a page that asks for an e-mail address and a nickname.
func plainPage(id, next string) string {
	return viewStep(id, formOf(id+"_form",
		inputOf(id+"_email", "http://wso2.org/claims/emailaddress", required), inputOf(id+"_nick", "nickname", ""),
		buttonOf(id+"_go", goes(next))))
}
