/** What CloudWatch shows under "Get documentation" of the widget. Markdown. */
export const DOCUMENTATION = `## Paddlewheel

Shows whether a checkout is at stake, and for each integration the lives of its tokens: minted, published, in grace, held,
revoked; what happens next and when; why nothing happens and what would end that.

### Widget parameters

Param | Description
---|---
**search** | Only integrations with this text in their name
**integration** | Only this one, with all details
**page** | Which page of the list, from 1

### Example parameters
\`\`\` yaml
search: checkout
\`\`\`

Reading needs \`lambda:InvokeFunction\` on this function alone. The buttons that change something call the function
\`rotate\` with the permissions of whoever presses them.
`;
